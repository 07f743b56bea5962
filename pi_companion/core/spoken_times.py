"""Which times of day are agreed in what was recognised? 下午三点, 三点半 and 十五点三十分, by value (LISTEN-3).

A time of day is easily heard where none is meant (一点 is also “a little”, 三点建议 are three pieces of advice, 三点五
is a version), so one is definite only if something near it says so: a day, half of it, 钟, minutes, or what follows.
"""

import re
from dataclasses import dataclass
from typing import Final

_NUMBERS: Final = {char: value for value, char in enumerate("零一二三四五六七八九十")} | {"〇": 0, "两": 2}

_HALVES: Final = "凌晨|清晨|早晨|早上|上午|今早|明早|中午|下午|傍晚|晚上|今晚|明晚|半夜|夜里|深夜"

_NUMBER: Final = "[零〇一二两三四五六七八九十]{1,3}|[0-9]{1,2}"

_TIME: Final = re.compile(
    rf"""
    (?P<past>昨天|昨晚|前天|上(?:个)?(?:周|星期|礼拜)[一二三四五六日天]?|上个月|刚才)?
    (?P<day>大?后天|[今明]天|今[早晚]|明[早晚]|(?:周|星期|礼拜)[一二三四五六日天]|(?:{_NUMBER})[号日])?的?
    (?P<half>{_HALVES})?(?:大概|大约|差不多|[的是在嗯呃])?
    (?(day)|(?<![零〇一二两三四五六七八九十百千万0-9点:第.]))
    (?P<hour>{_NUMBER})[点:：]
    (?:过?(?:
        (?P<part>半|[一三]刻)
      | (?P<minute>[零〇][一二三四五六七八九]|[二三四五]?十[一二三四五六七八九]?|[0-5][0-9])分?
      | (?P<few>[一二三四五六七八九])分
      | (?P<pair>[一二三四五][零〇一二三四五六七八九](?![零〇一二三四五六七八九十百点:.]))
    ))?
    (?P<clock>钟|整)?
    """,
    re.VERBOSE,
)

_PARTS: Final = {"半": 30, "一刻": 15, "三刻": 45}

_NO_TIME: Final = re.compile("[零〇一二两三四五六七八九十0-9几点儿]")
"""After the hour alone: a decimal fraction (三点五), or no hour at all (一点点)."""

_A_LITTLE: Final = re.compile("[都也没不]")
"""After 一点: not at all."""

_AGREED: Final = re.compile("$|[吧可行好见来过到左之以前后开我你您呢吗啊嘛]")
"""After an hour alone: what makes a time of it, and no three points."""

_LISTED: Final = re.compile("[有这那说提的讲几]$")
"""Before an hour alone: what makes points of it."""

_TOLD: Final = re.compile("多|就|开始|的时候|那会|出|坏")
"""After a time: what makes it past or vague, nothing that was agreed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ClockTime:
    """A time of day, `hour` 0 to 23. `is_half_said`: which half of the day was said or follows from the hour.

    `is_definite`: it is surely one, and not past. `first`, `last`: its bounds in the text. `confidence_pct`: the
    recogniser's, on average.
    """

    hour: int
    minute: int
    is_half_said: bool
    is_definite: bool
    first: int
    last: int
    confidence_pct: int = 100

    def agrees_with(self, other: "ClockTime") -> bool:
        """Return whether both may be the same time: 下午三点 is 三点, but not 上午三点."""
        if self.minute != other.minute:
            return False
        if self.is_half_said and other.is_half_said:
            return self.hour == other.hour
        return (self.hour - other.hour) % 12 == 0


def clock_times(text: str) -> tuple[ClockTime, ...]:
    """Return the times of day in a text of hanzi and Arabic digits, in order."""
    found = (_time(text, match) for match in _TIME.finditer(text))
    return tuple(each for each in found if each is not None)


def small_number(text: str) -> int | None:
    """Return the value of 十五, 二十 or 15, up to 99; None if it is none (三零二)."""
    if text.isascii():
        return int(text)
    before, ten, after = text.partition("十")
    if not ten:
        return _NUMBERS[text] if len(text) == 1 else None
    if len(before) > 1 or len(after) > 1 or before in {"零", "〇", "十", "两"} or after in {"零", "〇", "十", "两"}:
        return None
    return 10 * _NUMBERS.get(before, 1) + _NUMBERS.get(after, 0)


def _time(text: str, match: re.Match[str]) -> ClockTime | None:
    """Return the time of day of a match, unless it is none."""
    hour, minute = small_number(match["hour"]), _minute(match)
    before, after = text[: match.start()], text[match.end() :]
    is_placed = bool(match["day"] or match["half"] or match["past"])
    is_bare = minute is None and not match["clock"]
    if hour is None or hour > 24 or (minute is None and _NO_TIME.match(after)):
        return None
    if match["hour"] == "一" and is_bare and (not match["half"] or _A_LITTLE.match(after)):
        return None
    if match["pair"] and not is_placed:
        return None
    if is_bare and not is_placed and (_LISTED.search(before) or not _AGREED.match(after)):
        is_definite = False
    else:
        is_definite = not match["past"] and not _TOLD.match(after)
    half = match["half"] or (match["day"] if match["day"] and re.fullmatch(_HALVES, match["day"]) else "")
    known = _of_day(hour, half)
    return ClockTime(
        hour=(hour if known is None else known) % 24,
        minute=minute or 0,
        is_half_said=known is not None,
        is_definite=is_definite,
        first=match.start(),
        last=match.end() - 1,
    )


def _minute(match: re.Match[str]) -> int | None:
    if part := match["part"]:
        return _PARTS[part]
    if pair := match["pair"]:
        return 10 * _NUMBERS[pair[0]] + _NUMBERS[pair[1]]
    if written := match["minute"] or match["few"]:
        return small_number(written.lstrip("零〇") or "零")
    return None


def _of_day(hour: int, half: str) -> int | None:
    """Return the hour of the day; None if its half was not said and does not follow."""
    if hour > 12 or hour == 0:
        return hour % 24
    match half:
        case "":
            return None
        case "中午":
            return hour if hour > 10 else hour + 12
        case "下午":
            return hour % 12 + 12
        case "傍晚" | "晚上" | "今晚" | "明晚":
            return hour % 12 + 12 if hour < 12 else 0
        case "半夜" | "夜里" | "深夜":
            return hour % 12 if hour < 6 or hour == 12 else hour + 12
        case _:
            return hour % 12 if half == "凌晨" else hour
