"""What systemd is told, and when it is told nothing."""

import os
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from pi_companion.live.hearing import STUCK_MS
from pi_companion.live.notify import Notify
from tests.live.live_bench import Bench


class Systemd:
    """The other end of the socket."""

    def __init__(self, path: Path) -> None:
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_NONBLOCK)
        self.socket.bind(str(path))
        self.environ = {"NOTIFY_SOCKET": str(path), "WATCHDOG_USEC": "9000000", "WATCHDOG_PID": str(os.getpid())}

    def heard(self) -> list[str]:
        said = []
        try:
            while True:
                said.append(self.socket.recv(1000).decode())
        except BlockingIOError:
            return said


@pytest.fixture
def systemd(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Systemd]:
    monkeypatch.chdir(tmp_path)  # the path of a socket is short
    systemd = Systemd(Path("notify"))
    with systemd.socket:
        yield systemd


def test_the_watchdog_is_fed_three_times_in_its_time(systemd: Systemd) -> None:
    notify = Notify(systemd.environ)
    for now in range(0, 9000, 200):
        notify.turned(now)

    assert systemd.heard() == ["WATCHDOG=1"] * 3


def test_the_same_status_is_told_once(systemd: Systemd) -> None:
    notify = Notify(systemd.environ)
    for text in ("line ringing", "line ringing", "line connected"):
        notify.status(text)

    assert systemd.heard() == ["STATUS=line ringing", "STATUS=line connected"]


def test_a_watchdog_of_another_process_is_not_fed(systemd: Systemd) -> None:
    notify = Notify({**systemd.environ, "WATCHDOG_PID": "1"})
    notify.turned(0)

    assert systemd.heard() == []


def test_a_systemd_that_does_not_read_holds_nobody_up(systemd: Systemd) -> None:
    notify = Notify(systemd.environ)
    for _ in range(10_000):  # far more than the kernel keeps for it
        notify.ready()

    assert 0 < len(systemd.heard()) < 10_000


def test_without_systemd_nothing_is_said() -> None:
    Notify({}).ready()
    Notify({"NOTIFY_SOCKET": "nowhere"}).ready()


def test_ready_is_told_when_it_listens_and_not_before_and_stopping_at_the_end(systemd: Systemd) -> None:
    bench = Bench(notify=Notify(systemd.environ))
    before: list[str] = []
    bench.at_opening = lambda: before.extend(systemd.heard())
    turns = iter([False, True])
    bench.live.run(lambda: next(turns))
    told = [said for said in systemd.heard() if not said.startswith("STATUS=")]

    assert (before, told) == ([], ["READY=1", "WATCHDOG=1", "STOPPING=1"])


def test_a_hearing_that_hangs_starves_the_watchdog(systemd: Systemd) -> None:
    bench = Bench(notify=Notify(systemd.environ))
    with bench.opened():
        bench.passes(20)
        systemd.heard()
        bench.live._hearing._busy_since = bench.now
        for _ in range(STUCK_MS // 1000 + 1):
            bench.passes(1000)
        fed_before = systemd.heard().count("WATCHDOG=1")
        for _ in range(10):
            bench.passes(1000)

        assert (fed_before, systemd.heard().count("WATCHDOG=1")) == (3, 0)
