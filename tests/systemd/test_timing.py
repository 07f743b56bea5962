"""`doctor --timing`: what is measured is what systemd would hear."""

import sys

import pytest

from pi_companion.errors import HardwareError
from pi_companion.live.timing import Reached, measure

DEVICE = """
import os, socket, time
def tell(message):
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as out:
        out.sendto(message.encode(), os.environ["NOTIFY_SOCKET"])
"""


def device(*lines: str) -> list[str]:
    return [sys.executable, "-c", DEVICE + "\n".join(lines)]


def test_a_start_is_measured_to_the_splash_and_to_listening() -> None:
    steps = ("tell('STATUS=starting, try 1 of 3')", "tell('STATUS=else')", "tell('READY=1')", "time.sleep(60)")
    splash, listening = measure(device(*steps))

    assert (splash.what, splash.target_ms, listening.what, listening.target_ms) == ("splash", 2000, "listening", 5000)
    assert 0 < splash.after_ms <= listening.after_ms


def test_a_moment_is_in_time_up_to_its_target() -> None:
    reached = [Reached(what="splash", after_ms=ms, target_ms=2000, cpu_ms=0).is_in_time for ms in (2000, 2001)]

    assert reached == [True, False]


def test_a_start_that_fails_is_told_with_its_own_words() -> None:
    with pytest.raises(HardwareError, match="did not get to listening: error: no chip"):
        measure(device("tell('STATUS=starting')", "raise SystemExit('error: no chip')"))


def test_a_start_that_never_listens_is_ended() -> None:
    with pytest.raises(HardwareError, match="it said nothing"):
        measure(device("tell('STATUS=starting')", "time.sleep(60)"), limit_s=1)
