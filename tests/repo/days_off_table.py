"""Writes `pi_companion/adapters/days_off.txt` from the `holidays` library: run by `make docs`."""

from importlib.metadata import version
from typing import Final

from holidays.countries.china import China

FIRST: Final = 1970  # where the clock of a machine without one begins
LAST: Final = 2099

_SAME: Final = {"农历除夕": "春节"}  # the eve is the first day of the feast
_MOVED: Final = "休息日（"  # a day off for one worked elsewhere: 休息日（由 2026-02-14 调休）
_OBSERVED: Final = "（"  # 春节（补假）: the feast, made up for later


def page() -> str:
    """The table: a line for each day off that has a name or is none by its weekday, and for each weekend day worked."""
    days = China(years=range(FIRST, LAST + 1), expand=False, language="zh_CN")  # type: ignore[no-untyped-call] # holidays types none of its calls
    lines = dict.fromkeys(days.weekend_workdays, "worked")
    lines |= {day: ";".join(names_of(listed)) or "off" for day, listed in days.items()}
    rows = [f"{day.isoformat()} {what}" for day, what in sorted(lines.items()) if FIRST <= day.year <= LAST]
    origin = f"# From holidays {version('holidays')} (MIT-holidays.txt) by `make docs`"
    return "\n".join([origin, *rows, ""])


def names_of(listed: str) -> tuple[str, ...]:
    """The public holidays of a day; none if it is a day off that belongs to one nearby."""
    names = [name for name in listed.split("; ") if not name.startswith(_MOVED)]
    return tuple(_SAME.get(name, name.partition(_OBSERVED)[0]) for name in names)
