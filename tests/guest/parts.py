"""What can a test in the guest do to the parts of the desk, and see of them? Pins, panel, sound card, service.

Everything here goes through the kernel's own files: a line's level is what the kernel says it is, the picture is what
arrived in the panel's memory. Of the device nothing is imported but its pinout and its reader of sound files.
"""

import os
import subprocess
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from PIL import Image

from pi_companion.pinout import Input, Pinout
from pi_companion.session.sound import read_sound

SOUND: Final = Path("/run/sound.raw")
"""What `Card.play` plays, and the device never sees."""

LINES: Final = Pinout().lines()


def wait_until(is_so: Callable[[], bool], what: str, *, within_s: float = 20) -> None:
    """Return as soon as it is so; fail with `what` after so many seconds of the guest's clock."""
    give_up_at = time.monotonic() + within_s
    while not is_so():
        assert time.monotonic() < give_up_at, f"not within {within_s} s: {what}"
        time.sleep(0.02)


class _File:
    """A file of the kernel, kept open: read and written again and again at little cost."""

    def __init__(self, path: Path, *, is_written: bool = False) -> None:
        self._descriptor = os.open(path, os.O_RDWR if is_written else os.O_RDONLY)

    def read(self) -> str:
        return os.pread(self._descriptor, 64, 0).decode().strip()

    def write(self, text: str) -> None:
        os.pwrite(self._descriptor, text.encode(), 0)

    def close(self) -> None:
        os.close(self._descriptor)


class Board:
    """The pins, by the names of `pinout`: what is wired to the Pi pulls at inputs, and sees outputs.

    What pulls is stronger than the Pi's own resistor, which gpio-sim does not know: `hold` pulls again.
    """

    def __init__(self) -> None:
        (bank,) = Path("/sys/devices/platform").glob("gpio-sim.*/gpiochip*/sim_gpio0")
        folders = {name: bank.with_name(f"sim_gpio{line.bcm}") for name, line in LINES.items()}
        self._values = {name: _File(folder / "value") for name, folder in folders.items()}
        self._pulls = {name: _File(folder / "pull", is_written=True) for name, folder in folders.items()}
        self._pulled: dict[str, str] = {}

    def value(self, line: str) -> int:
        """Return the level that the kernel has on a line."""
        return int(self._values[line].read())

    def pull(self, line: str, level: int) -> None:
        """Pull at a line from outside."""
        self._pulled[line] = "pull-up" if level else "pull-down"
        self._pulls[line].write(self._pulled[line])

    def drive(self, line: str, *, is_active: bool) -> None:
        """Pull at an input as its opto-coupler or button would, whatever its polarity."""
        wired = LINES[line]
        assert isinstance(wired, Input), line
        self.pull(line, int(is_active is not wired.is_active_low))

    def is_on(self, line: str) -> bool:
        """Return whether an output is on, whatever its polarity."""
        return bool(self.value(line)) is not LINES[line].is_active_low

    def hold(self) -> None:
        """Pull again where the Pi's own resistor has been set since: an opto-coupler is stronger."""
        for line, wanted in self._pulled.items():
            if self._pulls[line].read() != wanted:
                self._pulls[line].write(wanted)

    def close(self) -> None:
        """Closing twice is fine: a descriptor's number may be another's by then."""
        for each in (*self._values.values(), *self._pulls.values()):
            each.close()
        self._values.clear()
        self._pulls.clear()


class Oled:
    """The panel behind the kernel's I2C bus; see kernel/virtual_oled.c for what it can be made to do."""

    _FOLDER: Final = Path("/sys/kernel/debug/virtual-oled")

    def picture(self) -> Image.Image:
        """Return what is in the panel's memory, upright, whether or not it is lit."""
        memory = (self._FOLDER / "gddram").read_bytes()
        picture = Image.new("1", (128, 64))
        lit = [
            (place % 128, 8 * (place // 128) + bit)
            for place, column in enumerate(memory)
            for bit in range(8)
            if column >> bit & 1
        ]
        for at in lit:
            picture.putpixel(at, 255)
        return picture

    def is_on(self) -> bool:
        return self._number("on") == 1

    def contrast(self) -> int:
        return self._number("contrast")

    def transfers(self) -> int:
        """Return how many messages the panel has taken since boot."""
        return self._number("transfers")

    def nack(self, is_silent: bool) -> None:
        """A loose wire: nothing answers; the panel keeps its picture and its settings."""
        self._set("nack", int(is_silent))

    def power(self, is_there: bool) -> None:
        """Take the panel away, or bring it back: dark, with noise for a picture, until it is told everything."""
        self._set("power", int(is_there))

    def stuck(self, is_stuck: bool, *, for_s: int = 600) -> None:
        """A bus held low: every transfer hangs so long, and only SIGKILL ends it sooner."""
        self._set("stuck", for_s if is_stuck else 0)

    def mend(self) -> None:
        """Make it answer again, whatever was done to it."""
        self.stuck(False)
        self.nack(False)
        self.power(True)

    def _number(self, name: str) -> int:
        return int((self._FOLDER / name).read_text())

    def _set(self, name: str, value: int) -> None:
        (self._FOLDER / name).write_text(str(value))


class Card:
    """The sound card: a loopback, one end is the companion's tap, the other is played into."""

    _DRIVER: Final = Path("/sys/bus/platform/drivers/snd_aloop")
    TAP: Final = "hw:0,1"
    """What the site file names: PortAudio calls the card `Loopback: PCM (hw:0,1)`."""

    def __init__(self) -> None:
        self._pulled: subprocess.Popen[bytes] | None = None

    def play(self, path: Path) -> "subprocess.Popen[bytes]":
        """Begin to play a sound file of a call folder; the process ends when it is played."""
        command = ["aplay", "--quiet", "--device=hw:0,0", "--file-type=raw", "--format=S16_LE", "--rate=16000",
                   "--channels=2", "--buffer-time=200000", "/dev/stdin"]  # fmt: skip
        SOUND.write_bytes(read_sound(path))
        with SOUND.open("rb") as source:
            return subprocess.Popen(command, stdin=source)

    def is_there(self) -> bool:
        return Path("/proc/asound/Loopback").exists()

    def unplug(self) -> None:
        """Take the card away under whoever has it open, as a USB plug that is pulled.

        At once it gives nothing any more; the kernel is rid of it when the last one has closed it.
        """
        self._pulled = subprocess.Popen(["/bin/sh", "-c", f"echo snd_aloop.0 >{self._DRIVER}/unbind"])
        wait_until(lambda: not self.is_there(), "the card is gone")

    def replug(self, *, within_s: float = 20) -> None:
        """Bring it back. Fails if somebody still has the old one open after so many seconds."""
        if self._pulled is not None:
            wait_until(
                lambda: self._pulled is None or self._pulled.poll() is not None, "it is closed", within_s=within_s
            )
            self._pulled = None
        (self._DRIVER / "bind").write_text("snd_aloop.0")


class Service:
    """The packaged service, as systemd has it."""

    def __init__(self, unit: str = "pi-companion.service") -> None:
        self.unit = unit

    def start(self) -> None:
        """Start it and wait until it says that it is ready."""
        _systemctl("start", self.unit)

    def begin(self) -> None:
        """Start it and do not wait."""
        _systemctl("start", "--no-block", self.unit)

    def stop(self) -> None:
        _systemctl("stop", self.unit)

    def kill(self, signal: str = "SIGKILL", *, whom: str = "main") -> None:
        _systemctl("kill", f"--signal={signal}", f"--kill-who={whom}", self.unit)

    def forgive(self) -> None:
        """Forget failures and starts that were counted."""
        subprocess.run(["systemctl", "reset-failed", self.unit], check=False, capture_output=True)

    def show(self, *properties: str) -> dict[str, str]:
        """Return properties as systemd has them, by name; see systemd.directives(7)."""
        shown = _systemctl("show", self.unit, *(f"--property={each}" for each in properties))
        return dict(line.split("=", 1) for line in shown.splitlines() if "=" in line)

    def is_ready(self) -> bool:
        return self.show("ActiveState", "SubState") == {"ActiveState": "active", "SubState": "running"}

    def pid(self) -> int:
        return int(self.show("MainPID")["MainPID"])

    def journal(self, *, since: int = 0) -> list[str]:
        """Return what the unit and systemd about it wrote, line by line; only what came after `lines` said `since`."""
        return _run("journalctl", "--no-pager", "--output=cat", f"--unit={self.unit}").splitlines()[since:]

    def lines(self) -> int:
        """Return how long the journal of the unit is by now.

        A cursor would not do: with --unit, systemd 252's --after-cursor also leaves out the first line after it.
        """
        return len(self.journal())


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """A line's level changed. `at`: session milliseconds, when the kernel's value was first seen to be another."""

    at: int
    line: str
    is_on: bool


def spans(seen: Iterable[Seen], line: str) -> list[tuple[int, int]]:
    """Return from when until when an output was on, milliseconds; one that is still on is left out."""
    found, began = [], None
    for each in seen:
        if each.line != line:
            continue
        if each.is_on:
            began = each.at
        elif began is not None:
            found.append((began, each.at))
            began = None
    return found


def _systemctl(*words: str) -> str:
    return _run("systemctl", *words)


def _run(*words: str) -> str:
    done = subprocess.run(words, check=False, capture_output=True, text=True)
    assert done.returncode == 0, f"{' '.join(words)}: {done.stderr.strip() or done.stdout.strip()}"
    return done.stdout
