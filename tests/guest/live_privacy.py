"""Law 9 in the service's own sandbox: a whole call on real parts, traced from outside, then a scan of all it left.

What the process opens for writing, makes, and talks to is read from strace, native code included. Afterwards
everything that was written in this boot is searched: the folders that are empty before it (`/run`, `/var`, `/tmp`),
the journal, what `status` said.
"""

import os
import signal
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from pi_companion.bench.calls import bundled_call
from pi_companion.session import folder
from tests.guest.desk import OUTPUTS, Desk
from tests.guest.parts import SOUND, Service, spans, wait_until
from tests.live import privacy

Note = Callable[[str, object], None]
"""pytest's record_property: what a test measured, for the table."""

CALL = bundled_call("03-hold-with-consent")

ALLOWED = [
    r"sendto AF_UNIX /run/systemd/notify",
    r"(sendto|connect) AF_UNIX /run/systemd/journal/.*",
    r"write /dev/null",
    r"write /dev/snd/\w+",
    r"write /var/lib/pi-companion/\.station\.toml\.\w+\.partial",
    r'rename "/var/lib/pi-companion/\.station\.toml\.\w+\.partial", "/var/lib/pi-companion/station\.toml"',
]
"""Everything that the running service may write to or talk to during a call."""


@contextmanager
def traced(pid: int, log: Path) -> Iterator[None]:
    """Have strace follow every thread of a process."""
    command = ["strace", "-f", "-qq", "-e", "trace=%file,%network", "-o", str(log), "-p", str(pid)]
    with subprocess.Popen(command) as tracer:
        try:
            wait_until(lambda: all(_tracers(pid)), "strace follows every thread")
            yield
        finally:
            tracer.send_signal(signal.SIGINT)


def _tracers(pid: int) -> list[int]:
    return [int(line.split()[1]) for line in _status_lines(pid, "TracerPid:")]


def _status_lines(pid: int, key: str) -> list[str]:
    texts = [(thread / "status").read_text() for thread in Path(f"/proc/{pid}/task").iterdir()]
    return [line for text in texts for line in text.splitlines() if line.startswith(key)]


def left_behind() -> dict[str, bytes]:
    """Return every file and name that this boot has written, but for the run's own folder and the card's sound."""
    run = Path(os.environ["GUEST"])
    found = {}
    for top in ("/run", "/var", "/tmp"):  # noqa: S108 - they are looked through, not written to
        for path in sorted(Path(top).rglob("*")):
            if path.is_relative_to(run) or run.is_relative_to(path) or path == SOUND:
                continue
            found[f"the name {path}"] = os.fsencode(path)
            if path.is_file() and not path.is_symlink():
                found[str(path)] = path.read_bytes()
    return found


def test_nothing_of_a_call_gets_out_of_the_sandbox(service: Service, desk: Desk, record_property: Note) -> None:
    needles = privacy.Needles.of(CALL)
    service.start()
    pid = service.pid()
    assert {line.split()[1] for key in ("Seccomp:", "NoNewPrivs:") for line in _status_lines(pid, key)} == {"1", "2"}
    log = Path("/mnt/strace.log")
    log.parent.mkdir(exist_ok=True)
    desk.watch(1000)

    with traced(pid, log):
        record = desk.play(folder.load(CALL))
        status = subprocess.run(
            ["/opt/pi-companion/bin/pi-companion", "status"], capture_output=True, check=True
        ).stdout
    assert service.pid() == pid
    service.stop()

    # It was a call: it was understood, or the key would not have been pressed.
    assert len(spans(record.lines, "mute_contact")) == 2
    touched = privacy.written_in(log.read_text(errors="replace"))
    assert "sendto AF_UNIX /run/systemd/notify" in touched  # the trace sees something
    assert privacy.strange(touched, ALLOWED) == []
    journal = subprocess.run(["journalctl", "--no-pager", "--output=export"], capture_output=True, check=True).stdout
    left = left_behind()
    record_property("files searched", sum(not name.startswith("the name ") for name in left))
    record_property("bytes searched", sum(map(len, left.values())) + len(journal) + len(status))
    assert b'"mute","state":"muted"' in journal
    assert privacy.leaks_in([], {**left, "the journal": journal, "status": status}, needles) == []
    assert [name for name in left if "/coredump/" in name or Path(name).name.partition(".")[0] == "core"] == []
    assert {line: desk.board.is_on(line) for line in OUTPUTS} == dict.fromkeys(OUTPUTS, False)
