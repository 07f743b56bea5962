"""What is wished for on which day: weekends, holidays, and the days that are worked for a longer holiday."""

from datetime import UTC, date, datetime, timedelta, timezone

import pytest

from pi_companion.adapters.calendar import is_off, occasion, wall_clock
from pi_companion.core.facts import WallClockRead

pytestmark = pytest.mark.rule("CLOSE-2")

CHINA = timezone(timedelta(hours=8))


def days(first: date, count: int) -> list[str]:
    """The occasions from a day on."""
    return [occasion(first + timedelta(days=place)) for place in range(count)]


def test_an_ordinary_week_has_its_weekend_from_friday_to_sunday() -> None:
    assert days(date(2026, 11, 16), 7) == ["", "", "", "", "weekend", "weekend", "weekend"]


def test_a_worked_saturday_before_spring_festival_wishes_a_good_festival() -> None:
    assert days(date(2026, 2, 12), 15) == ["", "", *["春节"] * 10, "", "", ""]


def test_friday_before_a_worked_saturday_wishes_nothing_yet_and_that_saturday_a_good_weekend() -> None:
    assert days(date(2026, 2, 26), 5) == ["", "", "weekend", "weekend", ""]


def test_a_worked_sunday_before_a_working_monday_wishes_nothing() -> None:
    assert days(date(2026, 9, 18), 4) == ["weekend", "weekend", "", ""]


def test_a_holiday_made_longer_is_the_holiday_to_its_last_day() -> None:
    assert days(date(2026, 9, 29), 12) == ["", *["国庆节"] * 8, "", "", "weekend"]


def test_within_the_national_holiday_mid_autumn_day_is_itself() -> None:
    national = ["国庆节"] * 6
    assert days(date(2025, 9, 29), 11) == ["", *national, "中秋节", "国庆节", "国庆节", ""]


@pytest.mark.parametrize(
    ("day", "expected"),
    [
        (date(2024, 12, 31), "元旦"),
        (date(2025, 1, 1), "元旦"),
        (date(2025, 1, 2), ""),
        (date(2025, 1, 26), ""),  # a worked Sunday
        (date(2025, 1, 27), "春节"),
        (date(2025, 1, 28), "春节"),  # 除夕
        (date(2025, 2, 4), "春节"),
        (date(2025, 2, 8), "weekend"),  # a worked Saturday
        (date(2025, 4, 3), "清明节"),
        (date(2025, 4, 30), "劳动节"),
        (date(2025, 5, 5), "劳动节"),
        (date(2025, 5, 30), "端午节"),
        (date(2025, 6, 2), "端午节"),  # made up for
        (date(2025, 9, 28), ""),  # a worked Sunday
        (date(2025, 10, 11), "weekend"),
        (date(2025, 12, 31), "元旦"),
        (date(2026, 1, 2), "元旦"),
        (date(2026, 1, 3), "元旦"),
        (date(2026, 1, 4), ""),  # a worked Sunday
        (date(2026, 2, 14), "春节"),
        (date(2026, 2, 23), "春节"),
        (date(2026, 2, 28), "weekend"),
        (date(2026, 4, 3), "清明节"),
        (date(2026, 4, 6), "清明节"),
        (date(2026, 4, 30), "劳动节"),
        (date(2026, 5, 8), ""),
        (date(2026, 5, 9), "weekend"),
        (date(2026, 6, 18), "端午节"),
        (date(2026, 9, 24), "中秋节"),
        (date(2026, 9, 27), "中秋节"),
        (date(2026, 10, 9), ""),
        (date(2026, 10, 10), "weekend"),
        (date(2020, 9, 30), "国庆节"),  # and 中秋节: both on one day
        (date(2020, 10, 1), "国庆节"),
    ],
)
def test_what_a_day_is_before(day: date, expected: str) -> None:
    assert occasion(day) == expected


def test_of_every_year_that_is_published_as_many_days_are_worked_as_are_given_for_them() -> None:
    year = [date(2026, 1, 1) + timedelta(days=place) for place in range(365)]
    worked = [day.isoformat() for day in year if day.weekday() >= 5 and not is_off(day)]
    assert worked == ["2026-01-04", "2026-02-14", "2026-02-28", "2026-05-09", "2026-09-20", "2026-10-10"]
    assert sum(is_off(day) for day in year) == 104 + 13  # weekends and the statutory holidays of the State Council


def test_a_year_that_is_not_published_yet_has_its_holidays_by_date() -> None:
    assert [occasion(date(2031, 9, 30)), occasion(date(2031, 11, 14)), occasion(date(2031, 11, 17))] == [
        "国庆节",
        "weekend",
        "",
    ]


def test_the_wall_is_read_at_the_start_and_at_each_midnight_of_the_session() -> None:
    friday = datetime(2026, 11, 20, 16, 42, 30, tzinfo=CHINA)
    to_midnight = ((7 * 60 + 17) * 60 + 30) * 1000
    day = 24 * 60 * 60 * 1000
    first = WallClockRead(at=0, minute_of_day=16 * 60 + 42, occasion="weekend")
    saturday = WallClockRead(at=to_midnight, minute_of_day=0, occasion="weekend")
    sunday = WallClockRead(at=to_midnight + day, minute_of_day=0, occasion="weekend")
    monday = WallClockRead(at=to_midnight + 2 * day, minute_of_day=0, occasion="")
    assert wall_clock(friday, 0) == (first,)
    assert wall_clock(friday, to_midnight - 1) == (first,)
    assert wall_clock(friday, to_midnight) == (first, saturday)
    assert wall_clock(friday, to_midnight + 2 * day) == (first, saturday, sunday, monday)


def test_the_day_is_the_one_of_the_desk_not_of_greenwich() -> None:
    just_friday = datetime(2026, 11, 20, 0, 30, tzinfo=CHINA)
    assert just_friday.astimezone(UTC).date() == date(2026, 11, 19)
    assert wall_clock(just_friday, 0) == (WallClockRead(at=0, minute_of_day=30, occasion="weekend"),)
