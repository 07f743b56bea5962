"""Which numbers were spelt out in what was recognised? 三零二五七八 and 302578 are one value (LISTEN-3).

Only numbers spelt digit by digit are worth repeating: they are looked up. Counted ones (三台, 一万二) are said in every
other sentence, and asking to have them repeated would nag; but the agent may repeat 八零零零 as 八千. What holds a
digit in passing (一下, 周一, 万一) is none. Law 9: out of here come values, no words.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Final

from pi_companion.core.facts import Word
from pi_companion.core.spoken_times import ClockTime, clock_times

_HANZI: Final = dict(zip("零一二三四五六七八九〇两幺腰妖邀", "0123456789021111", strict=True))
_CLEAR: Final = _HANZI | {digit: digit for digit in "0123456789"}
"""Characters that are digits wherever they stand; the 幺 of a number read out may be written 腰, 妖 or 邀."""

_BY_SOUND: Final = {
    sound: digit
    for digit, sounds in {
        "0": ("ling", "dong"),
        "1": ("yi", "yao"),
        "2": ("er", "liang"),
        "3": ("san",),
        "4": ("si", "shi"),
        "5": ("wu",),
        "6": ("liu",),
        "7": ("qi", "guai"),
        "8": ("ba",),
        "9": ("jiu", "gou"),
    }.items()
    for sound in sounds
}
"""Digits that the recogniser may have written as another word of that sound: 吧 for 八, 是 for 四, 要 for 幺."""

_CLEAR_SYLLABLES: Final = frozenset({"ling", "er", "san", "si", "liu", "ba", "jiu"})
"""For models that write nothing but pinyin: syllables that are digits more often than not."""

_UNITS: Final = {"十": 10, "百": 100, "千": 1000, "万": 10000}
_FILLERS: Final = frozenset("嗯啊呃额哦诶唉")
_JOINTS: Final = frozenset("点杠.-")
_WIDE: Final = str.maketrans("０１２３４５６７８９：．", "0123456789:.")

_NO_DIGIT: Final = re.compile(
    "(?:星期|礼拜|周|第)[一二三四五六]"
    "|一(?=[下直样起些定般共会边切遍次个台部种旦半律致方])"
    "|(?<=[统唯万同])一"
    "|[一二两三四五六七八九](?=[个台部次遍位天楼层张块条种]|小时)"
    "|十分(?!钟)"
    "|三七二十一|三三两两|一五一十"
    "|[零〇一二三四五六七八九0-9]{2,4}年"
)
"""Digits that are part of another word, count something, or are a year."""

_TIMES: Final = re.compile("([两三四五])个([零〇一二三四五六七八九])")
"""Three noughts: 三个零, beside other digits."""

_ANNOUNCED: Final = re.compile("[号机话码单].{0,3}$")
_YEAR: Final = re.compile("19[0-9]{2}|20[0-3][0-9]")
_LEAST_CLEAR_PCT: Final = 60


@dataclass(frozen=True, slots=True, kw_only=True)
class Digits:
    """Digits said one after the other.

    `clear`: how many of them were recognised as digits, not as words that sound so. `is_counted`: said as a quantity
    (八千). `is_announced`: 工号, 电话 or the like came just before. `is_at_start`, `is_at_end`: nothing else was said
    before or after in this hypothesis, so it may go on in the next. `confidence_pct`: the recogniser's, on average.
    """

    digits: str
    clear: int
    began: int
    ended: int
    confidence_pct: int = 100
    is_counted: bool = False
    is_announced: bool = False
    is_at_start: bool = False
    is_at_end: bool = False

    def is_number(self, least_digits: int) -> bool:
        """Whether this is to be repeated. Four digits that may be a year are, only if something announced a number."""
        return (
            len(self.digits) >= least_digits
            and not self.is_counted
            and self.clear * 100 >= len(self.digits) * _LEAST_CLEAR_PCT
            and (self.is_announced or not _YEAR.fullmatch(self.digits))
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Spoken:
    """What was said in numbers, in order."""

    digits: tuple[Digits, ...]
    times: tuple[ClockTime, ...]


@dataclass(frozen=True, slots=True)
class _Place:
    """One character, or a syllable where the model writes pinyin (`char` is then empty)."""

    char: str
    sound: str
    began: int
    ended: int
    confidence_pct: int


def spoken(words: Sequence[Word], *, join_ms: int) -> Spoken:
    """Return the digits and the times of day in a hypothesis; a pause longer than `join_ms` parts two numbers."""
    places = [place for word in words for place in _places(word)]
    text = "".join(place.char or "?" for place in places)
    times = clock_times(text)
    taken = {place for time in times for place in range(time.first, time.last + 1)}
    taken |= {place for match in _NO_DIGIT.finditer(text) for place in range(*match.span())}
    repeated = {match.start(): match for match in _TIMES.finditer(text) if _is_among_digits(text, match)}
    taken -= {place for match in repeated.values() for place in range(*match.span())}
    found: list[Digits] = []
    stretch: list[tuple[int, str, bool]] = []  # place, digits or unit, whether clear

    def close() -> None:
        found.extend(_read(stretch, places, text, join_ms))
        stretch.clear()

    skip_to = 0
    for number, place in enumerate(places):
        if number < skip_to or place.char in _FILLERS:
            continue
        if match := repeated.get(number):
            stretch.append((match.end() - 1, _CLEAR[match[2]] * int(_CLEAR[match[1]]), True))
            skip_to = match.end()
        elif number in taken:
            close()
        elif place.char in _UNITS or place.char in _JOINTS:
            stretch.append((number, place.char, False))
        elif digit := _CLEAR.get(place.char) or _BY_SOUND.get(place.sound):
            stretch.append(
                (number, digit, place.char in _CLEAR or (not place.char and place.sound in _CLEAR_SYLLABLES))
            )
        else:
            close()
    close()
    sure = (replace(time, confidence_pct=_confidence_pct(places[time.first : time.last + 1])) for time in times)
    return Spoken(digits=tuple(found), times=tuple(sure))


def joined(earlier: Digits, later: Digits, *, join_ms: int) -> Digits | None:
    """Return two groups as one number if only a short pause lies between them; None if they are not one."""
    is_one = earlier.is_at_end and later.is_at_start and later.began - earlier.ended <= join_ms
    if not is_one or earlier.is_counted or later.is_counted:
        return None
    digits = earlier.digits + later.digits
    confidence = earlier.confidence_pct * len(earlier.digits) + later.confidence_pct * len(later.digits)
    return replace(
        earlier,
        digits=digits,
        confidence_pct=confidence // len(digits),
        clear=earlier.clear + later.clear,
        ended=later.ended,
        is_at_end=later.is_at_end,
    )


def likeness_pm(wanted: str, said: str) -> int:
    """Return how much of a number is in what was said, in per mille: 1000 less the edits that each digit needs."""
    costs = [0] * (len(said) + 1)
    for row, digit in enumerate(wanted, 1):
        above, costs[0] = costs[0], row
        for column, other in enumerate(said, 1):
            best = min(above + (digit != other), costs[column] + 1, costs[column - 1] + 1)
            above, costs[column] = costs[column], best
    return 1000 * (len(wanted) - min(costs)) // len(wanted)


def said_once(digits: str, least_digits: int) -> str:
    """Return a number that was said twice in one breath as one number; any other as it is."""
    half = len(digits) // 2
    return digits[:half] if half >= least_digits and digits == digits[:half] * 2 else digits


def _places(word: Word) -> Iterator[_Place]:
    text = word.text.translate(_WIDE)
    if text.isascii() and text.isalpha():
        chars = [""] * len(word.syllables)
    else:
        chars = [char for char in text if not (char.isascii() and char.isalpha()) and not char.isspace()]
    sounds = list(word.syllables) if len(word.syllables) == len(chars) else [""] * len(chars)
    span = word.ended - word.began
    for number, (char, sound) in enumerate(zip(chars, sounds, strict=True)):
        began, ended = (word.began + span * place // len(chars) for place in (number, number + 1))
        yield _Place(char, sound, began, ended, word.confidence_pct)


def _confidence_pct(places: Sequence[_Place]) -> int:
    return sum(place.confidence_pct for place in places) // len(places)


def _is_among_digits(text: str, match: re.Match[str]) -> bool:
    return bool(set(text[max(0, match.start() - 1) : match.start()] + text[match.end() : match.end() + 1]) & {*_CLEAR})


def _read(
    stretch: Sequence[tuple[int, str, bool]], places: Sequence[_Place], text: str, join_ms: int
) -> Iterator[Digits]:
    """Yield what a stretch of digits, units and joints stands for."""
    groups = [[*stretch[:1]]]
    for before, entry in pairwise(stretch):
        if places[entry[0]].began - places[before[0]].ended > join_ms:
            groups.append([])
        groups[-1].append(entry)
    for group in groups:
        while group and group[0][1] in _JOINTS:
            del group[0]
        while group and group[-1][1] in _JOINTS:
            del group[-1]
        value = _counted("".join(value for _, value, _ in group)) if all(_is_exact(each) for each in group) else None
        if value is not None:
            yield _group(group, str(value), len(str(value)), places, text, is_counted=True)
            continue
        part: list[tuple[int, str, bool]] = []
        for entry in [*group, (0, "万", False)]:
            if entry[1] not in {"百", "千", "万"}:
                part.append(entry)
                continue
            while part and not part[0][2]:
                del part[0]
            while part and not part[-1][2]:
                del part[-1]
            if part:
                digits = "".join("4" if value == "十" else value for _, value, _ in part if value not in _JOINTS)
                clear = sum(len(value) for _, value, is_clear in part if is_clear)
                yield _group(part, digits, clear, places, text)
            part = []


def _is_exact(entry: tuple[int, str, bool]) -> bool:
    return entry[2] or entry[1] in _UNITS


def _group(
    group: Sequence[tuple[int, str, bool]],
    digits: str,
    clear: int,
    places: Sequence[_Place],
    text: str,
    *,
    is_counted: bool = False,
) -> Digits:
    first, last = group[0][0], group[-1][0]
    return Digits(
        digits=digits,
        clear=clear,
        began=places[first].began,
        ended=places[last].ended,
        confidence_pct=_confidence_pct([places[number] for number, _, _ in group]),
        is_counted=is_counted,
        is_announced=bool(_ANNOUNCED.search(text[:first])),
        is_at_start=set(text[:first]) <= _FILLERS,
        is_at_end=set(text[last + 1 :]) <= _FILLERS,
    )


def _counted(text: str) -> int | None:
    """Return the value of a counted number (三百零二, 一万二); None if it is none."""
    if not set(text) & _UNITS.keys():
        return None
    ten_thousands, is_big, rest = text.partition("万")
    if is_big:
        high = _below_ten_thousand(ten_thousands)
        low = (
            int(rest) * 1000 if len(rest) == 1 and rest.isdigit() and rest != "0" else _below_ten_thousand(rest or "0")
        )
        return None if high is None or low is None or not ten_thousands else high * 10000 + low
    return _below_ten_thousand(text)


def _below_ten_thousand(text: str) -> int | None:
    if text.isdigit():
        return int(text) if len(text.lstrip("0")) <= 1 else None
    match = re.fullmatch("(?:([1-9])千)?0?(?:([1-9])百)?0?(?:([1-9]?)(十))?0?([1-9]?)", text)
    if match is None:
        return None
    thousands, hundreds, tens, ten, ones = match.groups()
    if ones and not ten and (hundreds or thousands) and "0" not in text:  # 三百五 is 350
        return int(thousands or 0) * 1000 + int(hundreds or 0) * 100 + int(ones) * (10 if hundreds else 100)
    return int(thousands or 0) * 1000 + int(hundreds or 0) * 100 + (int(tens or 1) * 10 if ten else 0) + int(ones or 0)
