"""What does the agent see when something breaks, how soon is it well again, and what was lost? Faults on real parts.

Run in the guest by `make faults`, not by `make test-live`. Each test lives through one fault of the packaged service,
notes what the kernel's lines and the panel's memory showed, then judges it: law 6 (the MUTE contact opens), law 7 (no
light lies), law 10 (what is lost is said). Times are the guest's: waiting counts, computing does not.
"""

import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import pytest

from pi_companion.core.facts import Button
from pi_companion.core.states import ScreenName
from tests.guest.desk import OUTPUTS, Desk
from tests.guest.parts import LINES, Board, Card, Oled, Service, wait_until
from tests.guest.rows import GUEST, Note, Row, note
from tests.guest.words import name_of, sequence, words_of

DROP_IN: Final = Path("/run/systemd/system/pi-companion.service.d/bad-day.conf")
SITE: Final = Path("/etc/pi-companion/site.toml")
USUAL_SITE: Final = '[audio]\ndevice = "hw:0,1"\n'
PROGRAM: Final = "/opt/pi-companion/bin/pi-companion"
MODEL: Final = next(
    iter(Path("/opt/pi-companion/lib").glob("python3*/site-packages/pi_companion/speech/companion-zh")), None
)
STATE: Final = Path("/var/lib/pi-companion")
RING_MS: Final = 1000
RING_EVERY_MS: Final = 5000
MUTE_SAFE_MS: Final = 1000
"""The contact is open so long after the program has ended, at the latest."""


_PROCESSES: Final = Path("/sys/fs/cgroup/system.slice/pi-companion.service/cgroup.procs")


def running() -> int:
    """Return the process that is `pi-companion run` now; 0: none is. Asks the kernel: that is cheap."""
    try:
        for pid in _PROCESSES.read_text().split():
            if b"\0run\0" in Path(f"/proc/{pid}/cmdline").read_bytes():
                return int(pid)
    except OSError:
        pass
    return 0


def is_empty() -> bool:
    """Whether the service has no process any more."""
    return not _PROCESSES.exists() or not _PROCESSES.read_text().split()


def drop_in(text: str) -> None:
    """Change the unit for this test alone; an empty text: as it is packaged."""
    if DROP_IN.exists() and DROP_IN.read_text() == text:
        return
    DROP_IN.parent.mkdir(parents=True, exist_ok=True)
    DROP_IN.write_text(text)
    subprocess.run(["systemctl", "daemon-reload"], check=True)


WITHOUT_SPEECH: Final = f"[Service]\nExecStart=\nExecStart={PROGRAM} run --model none\n"
"""Speech off: the faults of pins, panel and card are the same, and a start takes a fraction."""


@pytest.fixture
def fresh() -> None:
    """Nothing runs, and nothing is remembered of how it ran."""
    service = Service()
    service.stop()
    service.forgive()
    Path("/run/pi-companion/starts.json").unlink(missing_ok=True)


@pytest.fixture
def service(oled: Oled) -> Iterator[Service]:
    """The service without speech. Still running if the last test left it so: starts are what a run spends its time on.

    With `fresh` it is stopped before, with no failure to its name.
    """
    service = Service()
    service.forgive()
    SITE.write_text(USUAL_SITE)
    drop_in(WITHOUT_SPEECH)
    yield service
    oled.mend()


@dataclass(slots=True)
class Caller:
    """Lets time pass at a desk while the bell rings or not, and notes what is seen since `mark`."""

    desk: Desk
    is_ringing: bool = False
    began: int = 0
    _rang_at: int = 0
    _pictures_before: int = 0

    def mark(self) -> None:
        """What is seen counts from now on."""
        self.began = self.desk.now
        self.desk.record.lines.clear()
        self._pictures_before = len(self.desk.record.pictures)

    def passes(self, for_ms: int, until: Callable[[], bool] = lambda: False, *, step_ms: int = 50) -> int | None:
        """Let so much time pass; return how long after `mark` it was so, None if it never was.

        `step_ms`: how often it is looked; to ask systemd anything takes a process, which is dear in the guest.
        """
        end = self.desk.now + for_ms
        while self.desk.now < end:
            if self.is_ringing:
                is_on = (self.desk.now - self._rang_at) % RING_EVERY_MS < RING_MS
                if is_on is not self.desk.phone.is_ringing:
                    self.desk.phone.ring(self.desk.now, is_on)
            self.desk.watch(step_ms)
            if until():
                return self.desk.now - self.began
        return None

    def rings(self, is_ringing: bool) -> None:
        self.is_ringing, self._rang_at = is_ringing, self.desk.now
        if not is_ringing:
            self.desk.phone.ring(self.desk.now, False)

    @property
    def screen(self) -> ScreenName | None:
        return name_of(self.desk.oled.picture())

    @property
    def words(self) -> str:
        return words_of(self.desk.oled.picture())

    def said(self) -> str:
        """Return what the panel said since `mark`, in its order."""
        return (
            " → ".join(sequence([each.image for each in self.desk.record.pictures[self._pictures_before :]]))
            or f"{self.words} (as before)"
        )

    def is_lit(self, line: str) -> bool:
        return self.desk.board.is_on(line)

    def passes_finely(self, for_ms: int, until: Callable[[], bool]) -> int | None:
        """As `passes`, looking every few milliseconds; no bell rings on."""
        if not until():
            self.desk.watch(for_ms, until)
        return self.desk.now - self.began if until() else None


def told(record_property: Note, fault: str, *, sees: str, recovered: str, lost: str) -> None:
    """Note a row of the guest."""
    note(record_property, Row(fault=fault, parts=GUEST, sees=sees, recovered=recovered, lost=lost))


def ms(passed: int | None) -> str:
    return "never" if passed is None else f"{passed} ms"


def in_state(caller: Caller, state: str) -> None:
    """Bring a desk with a running service into a state of a call."""
    desk = caller.desk
    if state == "ringing":
        caller.rings(True)
        assert caller.passes(3000, lambda: caller.screen is ScreenName.RINGING) is not None, caller.words
        return
    if state == "on-hook":
        caller.passes(1000)
        return
    desk.phone.hook(desk.now, True)
    assert caller.passes(5000, lambda: caller.screen in IN_CALL) is not None, caller.words
    caller.passes(1000)
    if state == "connected":
        return
    desk.phone.own_mute_key(desk.now)
    assert caller.passes(3000, lambda: caller.screen is ScreenName.MUTED and caller.is_lit("mute")) is not None
    caller.passes(1000)
    if state == "pressing":
        desk.press(Button.RESUME)
        caller.passes_finely(2000, lambda: caller.is_lit("mute_contact"))
        assert caller.is_lit("mute_contact")


IN_CALL: Final = {ScreenName.IN_CALL, ScreenName.SCRIPT}
STATES: Final = ("on-hook", "ringing", "connected", "muted", "pressing")


@pytest.mark.parametrize("state", STATES)
@pytest.mark.parametrize("how", ["SIGTERM", "SIGKILL", "SIGSTOP"])
def test_ended(service: Service, desk: Desk, record_property: Note, how: str, state: str) -> None:
    """Stopped, killed or frozen in each state of a call: nothing is held or lit that is not so, and it comes back."""
    if state == "on-hook":  # no card of the call before is wanted
        service.stop()
    service.start()
    caller = Caller(desk)
    caller.passes(1500)
    in_state(caller, state)
    before, was_in = service.pid(), caller.screen
    pressed = desk.phone.presses
    caller.mark()

    if how == "SIGTERM":
        subprocess.run(["systemctl", "stop", "--no-block", service.unit], check=True)
    else:
        service.kill(how)
    limit_ms = 15_000 if how == "SIGSTOP" else 5_000
    open_after = caller.passes_finely(limit_ms, lambda: not caller.is_lit("mute_contact"))
    dark_after = caller.passes_finely(limit_ms, lambda: not any(caller.is_lit(line) for line in OUTPUTS))
    back_after = None
    if how == "SIGTERM":
        gone_after = caller.passes(12_000, is_empty)
        recovered = f"stays stopped, {ms(gone_after)} after it was asked to"
    else:
        wanted: set[ScreenName | None] = {was_in}
        if state == "pressing":
            wanted = {ScreenName.MUTED} if desk.phone.is_muted else set(IN_CALL)
        elif state == "connected":
            wanted = set(IN_CALL)
        back_after = caller.passes(
            60_000, lambda: running() not in {0, before} and caller.screen in wanted and service.is_ready()
        )
        recovered = ms(back_after)
    caller.passes(1000)
    is_mute_shown = caller.is_lit("mute")

    sees = caller.said()
    if open_after:
        sees += f"; contact open after {open_after} ms"
    sees += f"; LEDs dark after {ms(dark_after)}"
    lost = {
        "on-hook": "nothing",
        "ringing": "the count of rings",
        "connected": "the call's timer, pace and steps so far",
        "muted": "the call's timer, how long it was muted",
        "pressing": "the call's timer; the press "
        + ("reached the phone" if not desk.phone.is_muted else "did not reach the phone: press again"),
    }[state]
    told(record_property, f"{how}, {state}", sees=sees, recovered=recovered, lost=lost)
    assert open_after is not None
    assert open_after <= (11_000 if how == "SIGSTOP" else MUTE_SAFE_MS)
    assert dark_after is not None
    assert desk.phone.presses - pressed in ({0, 1} if state == "pressing" else {0})  # the one that was under way
    if how == "SIGTERM":
        assert "已停止" in caller.words
    else:
        assert back_after is not None, caller.words
        assert is_mute_shown is desk.phone.is_muted


def test_a_second_instance(service: Service, desk: Desk, record_property: Note) -> None:
    service.start()
    caller = Caller(desk)
    caller.passes(1500)
    in_state(caller, "muted")
    pid = service.pid()
    caller.mark()

    second = subprocess.Popen([PROGRAM, "run", "--model", "none"], stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    ended_after = caller.passes(30_000, lambda: second.poll() is not None)
    answer = second.communicate()[0].decode().strip() if ended_after is not None else ""
    second.kill()
    caller.passes(1000)

    record = [(each.line, each.is_on) for each in desk.record.lines]
    sees = (
        f"{caller.words}, MUTE lit: as before; the second says: {answer.splitlines()[0][:120] if answer else 'nothing'}"
    )
    told(
        record_property,
        "a second instance, muted",
        sees=sees,
        recovered=f"it ended by itself, exit {second.returncode}",
        lost="nothing",
    )
    assert second.returncode == 5
    assert record == []
    assert (service.pid(), caller.screen) == (pid, ScreenName.MUTED)


@pytest.mark.usefixtures("fresh")
@pytest.mark.parametrize("what", ["a loose wire", "unplugged", "bus held low"])
def test_panel(service: Service, desk: Desk, oled: Oled, record_property: Note, what: str) -> None:
    """The panel is gone while it rings: the LED still tells, and the panel is right again when it is back."""
    service.start()
    caller = Caller(desk)
    caller.passes(2000)
    switches: dict[str, Callable[[bool], None]] = {
        "a loose wire": oled.nack,
        "unplugged": lambda is_off: oled.power(not is_off),
        "bus held low": oled.stuck,
    }
    switch = switches[what]
    noted = service.lines()
    caller.mark()

    switch(True)
    caller.passes(3000)
    rang_at = desk.now
    caller.rings(True)
    lit_after = caller.passes(3000, lambda: caller.is_lit("green"))
    lit_after = None if lit_after is None else lit_after + caller.began - rang_at
    caller.passes(10_000)
    is_lost = any('"kind":"fault","part":"oled"' in line for line in service.journal(since=noted))
    pid = service.pid()
    caller.mark()
    switch(False)
    back_after = caller.passes(15_000, lambda: oled.is_on() and caller.screen is ScreenName.RINGING)

    sees = f"the old picture or none; green LED {ms(lit_after)} after the first ring; status and journal name the OLED"
    told(record_property, f"OLED: {what} for 14 s", sees=sees, recovered=ms(back_after), lost="the pictures in between")
    assert lit_after is not None
    assert lit_after <= 200
    assert is_lost
    assert back_after is not None, caller.words
    assert service.pid() == pid


def test_stopped_with_the_bus_held_low(service: Service, desk: Desk, oled: Oled, record_property: Note) -> None:
    service.start()
    caller = Caller(desk)
    caller.passes(1500)
    in_state(caller, "pressing")
    oled.stuck(True)
    caller.mark()

    subprocess.run(["systemctl", "stop", "--no-block", service.unit], check=True)
    open_after = caller.passes_finely(5000, lambda: not caller.is_lit("mute_contact"))
    gone_after = caller.passes(30_000, is_empty)
    result = service.show("Result")["Result"]

    told(
        record_property,
        "SIGTERM, pressing, bus held low",
        sees=f"the old picture stays: nothing can be sent; contact open after {ms(open_after)}",
        recovered=f"ended after {ms(gone_after)} ({result})",
        lost="the picture 已停止",
    )
    assert open_after is not None
    assert open_after <= MUTE_SAFE_MS
    assert gone_after is not None


@pytest.mark.usefixtures("fresh")
def test_card_pulled_out(service: Service, desk: Desk, card: Card, record_property: Note) -> None:
    service.start()
    caller = Caller(desk)
    caller.passes(3000)
    pid = service.pid()
    caller.mark()

    card.unplug()
    lost_after = caller.passes(10_000, lambda: "声卡断开" in caller.words)
    said = caller.said()
    caller.rings(True)
    lit_after = caller.passes(3000, lambda: caller.is_lit("green"))
    caller.rings(False)
    caller.passes(8000)
    card.replug()
    caller.mark()
    back_after = caller.passes(40_000, lambda: caller.words != said and "声卡断开" not in caller.words)

    told(
        record_property,
        "the sound card is pulled out, on-hook",
        sees=f"{said} after {ms(lost_after)}; rings light the LED all the same",
        recovered=f"{ms(back_after)} after it is back",
        lost="what was said in between",
    )
    assert lost_after is not None, caller.words
    assert lit_after is not None
    assert back_after is not None, caller.words
    assert service.pid() == pid


@pytest.mark.parametrize("by", ["back 400 days", "forward 9 hours"])
def test_clock_set(service: Service, desk: Desk, record_property: Note, by: str) -> None:
    service.start()
    caller = Caller(desk)
    caller.passes(1500)
    in_state(caller, "muted")
    pid, noted, now = service.pid(), service.lines(), time.time()
    caller.mark()

    try:
        time.clock_settime(time.CLOCK_REALTIME, now + (-400 * 86400 if by.startswith("back") else 9 * 3600))
        caller.passes(5000)
        lines = [(each.line, each.is_on) for each in desk.record.lines]
        faults = [line for line in service.journal(since=noted) if '"kind":"fault"' in line]
        was_pid, words = service.pid(), caller.words
    finally:
        time.clock_settime(time.CLOCK_REALTIME, now + (desk.now - caller.began) / 1000)

    told(
        record_property,
        f"the clock is set {by}, muted",
        sees=f"{words}: as before",
        recovered="at once: nothing was lost",
        lost="nothing",
    )
    assert (was_pid, lines, faults) == (pid, [], [])
    assert caller.screen is ScreenName.MUTED


def given_up(service: Service, caller: Caller, within_ms: int = 120_000) -> int | None:
    """Let a start fail until it is given up; return how long after `mark`."""
    service.begin()
    after = caller.passes(
        within_ms, lambda: "无法启动" in caller.words and service.show("ActiveState")["ActiveState"] == "failed"
    )
    caller.passes(1000)
    return after


@pytest.mark.usefixtures("fresh")
def test_no_gpio_chip(service: Service, board: Board, oled: Oled, record_property: Note) -> None:
    """Three starts fail, safe mode says why; when the chip is back the timer's try succeeds."""
    noted = service.lines()
    live = Path("/sys/kernel/config/gpio-sim/pi/live")
    board.close()
    live.write_text("0")
    pictures: list[str] = []

    def look() -> str:
        words = words_of(oled.picture())
        if words not in pictures[-1:]:
            pictures.append(words)
        return words

    try:
        began = time.monotonic()
        service.begin()
        wait_until(
            lambda: "无法启动" in look() and service.show("ActiveState")["ActiveState"] == "failed",
            "given up", within_s=120,
        )  # fmt: skip
        given_up_ms = round((time.monotonic() - began) * 1000)
    finally:
        live.write_text("1")
    subprocess.run(["udevadm", "settle"], check=True)
    retry = time.monotonic()
    while not service.is_ready() and time.monotonic() - retry < 500:
        time.sleep(1)
    back_s = time.monotonic() - retry
    is_ready = service.is_ready()

    told(
        record_property,
        "no GPIO chip at the start",
        sees=" → ".join(pictures) + f"; safe mode after {given_up_ms} ms",
        recovered=f"by the timer, {back_s:.0f} s after safe mode, when the chip was back",
        lost="no help meanwhile; the phone works",
    )
    assert "引脚无法使用" in pictures[-1]
    assert is_ready, service.journal(since=noted)[-20:]


@pytest.mark.usefixtures("fresh")
@pytest.mark.parametrize("line", ["green", "mute_contact"])
def test_a_line_is_busy(service: Service, desk: Desk, record_property: Note, line: str) -> None:
    caller = Caller(desk)
    noted = service.lines()
    claim = (
        "import lgpio, sys, time\n"
        "chips = [lgpio.gpiochip_open(n) for n in range(4) if __import__('os').path.exists(f'/dev/gpiochip{n}')]\n"
        f"[lgpio.gpio_claim_input(chip, {LINES[line].bcm}) for chip in chips[:1]]\n"
        "print('held', flush=True)\ntime.sleep(10000)\n"
    )
    with subprocess.Popen(
        ["/opt/pi-companion/bin/python", "-c", claim],
        stdout=subprocess.PIPE,
        cwd="/run",
        env={**os.environ, "LG_WD": "/run"},
    ) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == b"held\n"
        caller.mark()
        try:
            after = given_up(service, caller)
            said = caller.said()
            named = [text for text in service.journal(since=noted) if line in text and "busy" in text.lower()]
        finally:
            holder.send_signal(signal.SIGKILL)
    caller.mark()
    service.begin()
    back_after = caller.passes(30_000, service.is_ready, step_ms=250)

    told(
        record_property,
        f"another program holds the line {line} at the start",
        sees=f"{said}; safe mode after {ms(after)}",
        recovered=f"started by hand once it is free: {ms(back_after)}; else by the timer",
        lost="no help meanwhile; the phone works",
    )
    assert after is not None
    assert "引脚无法使用" in said
    assert named
    assert back_after is not None


@pytest.mark.usefixtures("fresh")
def test_broken_site_file(service: Service, desk: Desk, record_property: Note) -> None:
    caller = Caller(desk)
    SITE.write_text('[audio]\ndevice = "hw:0,1\n[statoin]\n')
    caller.mark()
    after = given_up(service, caller)
    said = caller.said()
    SITE.write_text(USUAL_SITE)
    caller.mark()
    service.begin()
    back_after = caller.passes(30_000, service.is_ready, step_ms=250)

    told(
        record_property,
        "the site file is broken",
        sees=f"{said}; safe mode after {ms(after)}",
        recovered=f"mended and started by hand: {ms(back_after)}; else by the timer",
        lost="no help meanwhile; the phone works",
    )
    assert after is not None
    assert "设置文件有误" in said
    assert back_after is not None


@pytest.mark.usefixtures("fresh")
@pytest.mark.parametrize("what", ["missing", "truncated", "a folder of something else"])
def test_model(service: Service, desk: Desk, record_property: Note, what: str) -> None:
    """The device works without words, and says so."""
    drop_in("")
    assert MODEL is not None
    place = Path("/opt/bad-model")
    shutil.rmtree(place, ignore_errors=True)
    if what == "truncated":
        shutil.copytree(MODEL, place)
        largest = max((each for each in place.rglob("*") if each.is_file()), key=lambda each: each.stat().st_size)
        with largest.open("r+b") as file:
            file.truncate(largest.stat().st_size // 2)
    elif what != "missing":
        place.mkdir()
        (place / "notes.txt").write_text("not a model\n")
    SITE.write_text(f'{USUAL_SITE}[speech]\nmodel = "{place}"\n')
    noted = service.lines()
    caller = Caller(desk)
    caller.mark()
    service.begin()
    ready_after = caller.passes(30_000, service.is_ready, step_ms=250)
    caller.passes(1500)
    caller.rings(True)
    lit_after = caller.passes(3000, lambda: caller.is_lit("green"))
    caller.rings(False)
    said = caller.said()
    named = [text for text in service.journal(since=noted) if "speech is off" in text]

    told(
        record_property,
        f"the speech model is {what}",
        sees=f"{said}; rings light the LED",
        recovered=f"ready without words after {ms(ready_after)}; with a good model at the next start",
        lost="everything that needs words",
    )
    assert ready_after is not None
    assert lit_after is not None
    assert named, service.journal(since=noted)[-20:]
    shutil.rmtree(place, ignore_errors=True)


@pytest.mark.usefixtures("fresh")
@pytest.mark.parametrize("what", ["full", "read-only"])
def test_disk(service: Service, desk: Desk, record_property: Note, what: str) -> None:
    """What is learned cannot be kept: told once, and the lights go on."""
    shutil.rmtree(STATE, ignore_errors=True)
    STATE.mkdir()
    owner = subprocess.run(["id", "-u", "pi-companion"], check=True, capture_output=True, text=True).stdout.strip()
    group = subprocess.run(["id", "-g", "pi-companion"], check=True, capture_output=True, text=True).stdout.strip()
    options = f"size=4k,mode=0750,uid={owner},gid={group}"
    subprocess.run(["mount", "-t", "tmpfs", "-o", options, "full", str(STATE)], check=True)
    try:
        if what == "full":
            with pytest.raises(OSError, match="No space"), (STATE / "filler").open("wb") as filler:
                filler.write(bytes(1 << 16))
        else:
            subprocess.run(["mount", "-o", "remount,ro", str(STATE)], check=True)
        service.start()
        noted = service.lines()
        caller = Caller(desk)
        caller.passes(1500)
        caller.mark()
        caller.rings(True)
        is_late = caller.passes(40_000, lambda: caller.is_lit("amber") or caller.is_lit("red"))
        caller.passes(6000)
        caller.rings(False)
        caller.passes(3000)
        named = [text for text in service.journal(since=noted) if "cannot be written" in text]
        is_kept = (STATE / "station.toml").exists()
        is_running = service.is_ready()
        said = caller.said()
        service.stop()
    finally:
        subprocess.run(["umount", str(STATE)], check=True)

    told(
        record_property,
        f"the disk is {what}",
        sees=f"{said}: as ever; the journal says it, {len(named)}×",
        recovered="nothing to recover: rings, LEDs and screens as ever",
        lost="the rhythm of this phone's bell, learned again at the next start",
    )
    assert is_late is not None
    assert is_running
    assert (len(named), is_kept) == (1, False)


OUT_OF_MEMORY: Final = pytest.mark.skipif(
    "time-travel" in Path("/proc/cmdline").read_text(encoding="utf-8"),
    reason="where the clock stands still the guest never goes on after its kernel has killed: it needs --real-time",
)


@OUT_OF_MEMORY
def test_out_of_memory_at_work(service: Service, desk: Desk, record_property: Note) -> None:
    """Something beside it in its group takes what memory there is, as a leak of its own would."""
    drop_in(WITHOUT_SPEECH + "MemoryMax=200M\n")
    service.stop()
    service.start()
    caller = Caller(desk)
    caller.passes(1500)
    in_state(caller, "muted")
    pid, noted = service.pid(), service.lines()
    group = service.show("ControlGroup")["ControlGroup"]
    eats = (
        "import os, time\n"
        "open('/proc/self/oom_score_adj', 'w').write('-1000')\n"
        f"open('/sys/fs/cgroup{group}/cgroup.procs', 'w').write(str(os.getpid()))\n"
        "eaten = []\n"
        f"while os.path.exists('/proc/{pid}/maps') and len(eaten) < 200:\n"
        "    eaten.append(b'x' * (1 << 20))\n"
        "    time.sleep(0.01)\n"
    )
    caller.mark()

    with subprocess.Popen([sys.executable, "-c", eats]):
        killed_after = caller.passes(20_000, lambda: not caller.is_lit("mute"))
        said = caller.said()
    back_after = caller.passes(
        20_000, lambda: running() not in {0, pid} and caller.screen is ScreenName.MUTED, step_ms=250
    )

    told(
        record_property,
        "out of memory, muted",
        sees=f"{said}; LEDs dark after {ms(killed_after)}",
        recovered=ms(back_after),
        lost="the call's timer, how long it was muted",
    )
    assert killed_after is not None
    assert back_after is not None, (caller.words, service.journal(since=noted)[-20:])
    assert caller.is_lit("mute") is desk.phone.is_muted


@OUT_OF_MEMORY
@pytest.mark.usefixtures("fresh")
def test_out_of_memory_at_the_start(service: Service, desk: Desk, record_property: Note) -> None:
    drop_in(WITHOUT_SPEECH + "MemoryMax=64M\n")
    caller = Caller(desk)
    caller.mark()
    after = given_up(service, caller)
    said = caller.said()
    state = service.show("Result")["Result"]
    drop_in(WITHOUT_SPEECH)
    service.forgive()
    caller.mark()
    service.begin()
    back_after = caller.passes(30_000, service.is_ready, step_ms=250)

    told(
        record_property,
        "too little memory to start",
        sees=f"{said}; safe mode after {ms(after)}",
        recovered=f"with memory, started by hand: {ms(back_after)}; else by the timer",
        lost="no help meanwhile; the phone works",
    )
    assert after is not None, (state, caller.words)
    assert "内存不足" in said
    assert back_after is not None
