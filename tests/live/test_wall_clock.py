"""When is the companion told what time it is? Told with a clock that goes only when it is set."""

from datetime import UTC, date, datetime, timedelta, timezone

import pytest

from pi_companion.core.facts import WallClockRead
from pi_companion.live.wall_clock import WallClock

BEIJING = timezone(timedelta(hours=8))
MORNING = datetime(2026, 11, 20, 9, 30, tzinfo=BEIJING)


def occasion(day: date) -> str:
    return "weekend" if day.weekday() >= 4 else ""


def started(now: datetime = MORNING) -> WallClock:
    clock = WallClock(occasion)
    assert clock.read(0, now) is not None
    return clock


def test_at_the_start_it_is_told_with_what_the_day_is_before() -> None:
    assert WallClock(occasion).read(40, MORNING) == WallClockRead(at=40, minute_of_day=570, occasion="weekend")


@pytest.mark.parametrize(
    ("at", "now", "is_told"),
    [
        (3_599_999, MORNING + timedelta(milliseconds=3_599_999), False),
        (3_600_000, MORNING + timedelta(hours=1), True),
        (1000, MORNING + timedelta(seconds=61), False),
        (1000, MORNING + timedelta(seconds=61, milliseconds=1), True),
        (1000, MORNING - timedelta(seconds=59), False),
        (1000, MORNING - timedelta(seconds=59, milliseconds=1), True),
        (1000, (MORNING + timedelta(seconds=1)).astimezone(UTC), True),
    ],
    ids=["in the hour", "an hour later", "a minute on", "set on", "a minute back", "set back", "another zone"],
)
def test_it_is_told_again_each_hour_and_when_the_clock_was_set(at: int, now: datetime, is_told: bool) -> None:
    assert (started().read(at, now) is not None) is is_told


def test_midnight_is_told_as_it_comes() -> None:
    late = datetime(2026, 11, 19, 23, 59, 59, tzinfo=BEIJING)
    clock = started(late)

    assert clock.read(999, late + timedelta(milliseconds=999)) is None
    assert clock.read(1000, late + timedelta(seconds=1)) == WallClockRead(at=1000, minute_of_day=0, occasion="weekend")
    assert clock.read(2000, late + timedelta(seconds=2)) is None
