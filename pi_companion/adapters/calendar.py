"""What is today or tomorrow free for? The Chinese calendar of public holidays and of the days worked instead.

Keeps law 1: the core is told by a fact (`WallClockRead`) and knows no calendar. The days themselves are those of the
`holidays` library.
"""

from collections import Counter
from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from typing import Final

from holidays import HolidayBase
from holidays.countries.china import China  # here, not at the first look at the calendar: loading it takes a while

from pi_companion.core.facts import WallClockRead

WEEKEND: Final = "weekend"

_DAY: Final = timedelta(days=1)
_MS: Final = timedelta(milliseconds=1)
_SAME: Final = {"农历除夕": "春节"}  # the eve is the first day of the feast
_MOVED: Final = "休息日（"  # a day off for one worked elsewhere: 休息日（由 2026-02-14 调休）
_OBSERVED: Final = "（"  # 春节（补假）: the feast, made up for later


def wall_clock(began: datetime, until_ms: int) -> tuple[WallClockRead, ...]:
    """Return what the clock on the wall says at session time 0 and at each local midnight up to `until_ms`.

    `began`: the session's beginning by the clock on the wall, with its offset.
    """
    reads = [WallClockRead(at=0, minute_of_day=began.hour * 60 + began.minute, occasion=occasion(began.date()))]
    for day, at in _midnights(began):
        if at > until_ms:
            break
        reads.append(WallClockRead(at=at, minute_of_day=0, occasion=occasion(day)))
    return tuple(reads)


def occasion(day: date) -> str:
    """Return what `day` is free for, or else what the next day is: `WallClockRead.occasion`.

    A run of days off with a public holiday in it has that holiday's Chinese name: of several the day's own, else the
    one with the most days. The days off that are worked for elsewhere are published each November for the next year;
    a release of the library that does not know them yet has holidays and weekends as they fall, without adjustments.
    """
    if is_off(day):
        return _occasion_of(day)
    return _occasion_of(day + _DAY) if is_off(day + _DAY) else ""


def is_off(day: date) -> bool:
    """Return whether nobody is expected to work that day."""
    days = _days(day.year)
    return day in days or (day.weekday() in days.weekend and day not in days.weekend_workdays)


def _midnights(began: datetime) -> Iterator[tuple[date, int]]:
    """Yield each day after the first, with the session time at which it begins."""
    day = began.date()
    while True:
        day += _DAY
        midnight = datetime.combine(day, time(), began.tzinfo)
        yield day, (midnight.astimezone(UTC) - began.astimezone(UTC)) // _MS


def _occasion_of(day: date) -> str:
    """Return what a day off is for."""
    first, last = day, day
    while is_off(first - _DAY):
        first -= _DAY
    while is_off(last + _DAY):
        last += _DAY
    run = (first + place * _DAY for place in range((last - first).days + 1))
    names = Counter(name for each in run for name in _names(each))
    own = _names(day)
    return own[0] if len(own) == 1 else next((name for name, _ in names.most_common(1)), WEEKEND)


def _names(day: date) -> tuple[str, ...]:
    """Return the public holidays of that day; none if it is a day off that belongs to one nearby."""
    listed = _days(day.year).get(day, "").split("; ")
    return tuple(
        _SAME.get(name, name.partition(_OBSERVED)[0]) for name in listed if name and not name.startswith(_MOVED)
    )


@cache
def _days(year: int) -> HolidayBase:
    # A day's working instead may be for a holiday across New Year's Eve.
    return China(years=(year - 1, year, year + 1), expand=False, language="zh_CN")  # type: ignore[no-untyped-call] # holidays types none of its calls
