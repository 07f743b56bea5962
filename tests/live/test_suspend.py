"""A machine that slept, a program that stood still, a clock that was set: what is known afterwards."""

from collections.abc import Iterator
from datetime import timedelta

import pytest

from pi_companion.core.facts import Fact, PartFound, PartLost, WallClockRead
from pi_companion.live.awake import Awake
from tests.live.live_bench import Bench, journal, lights


@pytest.fixture
def bench() -> Iterator[Bench]:
    bench = Bench()
    with bench.opened():
        yield bench


@pytest.mark.parametrize(
    ("awake_ms", "asleep_ms", "told"),
    [
        (200, 0, None),
        (3000, 500, None),
        (200, 28_800_000, "the machine slept for 28800 s"),
        (3001, 0, "the program stood still for 3 s"),
    ],
)
def test_a_gap_is_told_from_a_turn(awake_ms: int, asleep_ms: int, told: str | None) -> None:
    clocks = {"monotonic": 10**9, "boottime": 10**9}
    awake = Awake(lambda: clocks["monotonic"], lambda: clocks["boottime"])
    clocks["monotonic"] += awake_ms * 1_000_000
    clocks["boottime"] += (awake_ms + asleep_ms) * 1_000_000

    assert (awake.gap(), awake.gap()) == (told, None)


def muted(bench: Bench) -> None:
    bench.phone.hook(bench.now, off_hook=True)
    bench.hears(200)
    bench.phone.own_mute_key(bench.now)
    bench.ms += 60
    bench.board.set_time(bench.now)
    bench.phone.advance(bench.now)
    bench.hears(200)


def test_after_sleep_mute_is_what_the_lamp_says_now(bench: Bench, caplog: pytest.LogCaptureFixture) -> None:
    muted(bench)
    was_lit = lights(bench)[3]
    caplog.set_level("INFO")
    bench.board.lose_lamp()  # no edge of it is seen while the machine sleeps
    bench.phone.own_mute_key(bench.now)
    bench.phone.advance(bench.now + 60)
    bench.ms, bench.asleep_ms = bench.ms + 60, 3_600_000
    bench.board._is_lamp_wired = True
    bench.board._pins[bench.board._pinout.mute_lamp.bcm]._state = bench.board._pinout.mute_lamp.is_active_low
    bench.live.turn(0)
    after_waking = lights(bench)
    bench.hears(400)

    told = [event["state"] for event in journal(caplog) if event["kind"] == "mute"]
    assert (was_lit, after_waking, lights(bench)) == (True, (False,) * 4, (False,) * 4)
    assert told == ["unknown", "live"]


def test_after_sleep_a_lamp_that_is_still_lit_is_shown_again(bench: Bench, caplog: pytest.LogCaptureFixture) -> None:
    muted(bench)
    caplog.set_level("INFO")
    bench.asleep_ms = 3_600_000
    bench.live.turn(0)
    after_waking = lights(bench)[3]
    bench.hears(400)

    told = [event["state"] for event in journal(caplog) if event["kind"] == "mute"]
    assert (after_waking, lights(bench)[3], told) == (False, True, ["unknown", "muted"])


def test_a_program_that_stood_still_hears_nothing_of_before(bench: Bench, caplog: pytest.LogCaptureFixture) -> None:
    bench.hears(100)
    caplog.set_level("INFO")
    for _ in range(10):
        bench.deliver()
    bench.ms += 5000
    bench.board.set_time(bench.now)
    bench.live.turn(0)
    waiting = bench.live._inbox.audio_waiting
    bench.hears(40)

    of_tap = [event["kind"] for event in journal(caplog) if event.get("part") == "tap"]
    assert (waiting, of_tap) == (0, ["fault", "recovered"])


@pytest.mark.parametrize("set_by", [timedelta(days=-400), timedelta(hours=9)])
def test_a_clock_that_is_set_is_told_and_nothing_else_changes(bench: Bench, set_by: timedelta) -> None:
    muted(bench)
    told: list[Fact] = []
    bench.live._shell._watchers = (told.append,)
    bench.wall += set_by
    bench.hears(200)

    clocks = [type(fact) for fact in told if isinstance(fact, WallClockRead | PartLost | PartFound)]
    assert (clocks, lights(bench)[3]) == ([WallClockRead], True)
