"""Which words can the model write, and how is each said? Words with their characters, and every syllable as pinyin.

What is in the vocabulary comes out as hanzi; anything else comes out syllable by syllable, written as toneless pinyin.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from functools import cache
from itertools import product
from typing import Final

from pypinyin import Style, lazy_pinyin, pinyin
from pypinyin.contrib.tone_convert import to_normal
from pypinyin.phrases_dict import phrases_dict

from firmware.model.units import canonical, split
from pi_companion.speech.syllables import SYLLABLES

Reading = tuple[str, ...]
"""Toneless syllables."""

SPOKEN: Final[Mapping[str, tuple[str, ...]]] = {
    "谁": ("shei", "shui"), "这": ("zhe", "zhei"), "那": ("na", "nei"), "哪": ("na", "nei"), "还": ("hai", "huan"),
    "得": ("de", "dei"), "嘛": ("ma",), "么": ("me", "ma"), "了": ("le", "liao"), "着": ("zhe", "zhao"),
    "嗯": ("en",), "喔": ("o",), "哦": ("o", "e"), "都": ("dou", "du"), "没": ("mei",), "地": ("di", "de"),
}  # fmt: skip
"""Readings of single characters as they are said, where the tables of words count differently."""

_WITHIN: Final[Mapping[str, str]] = {"谁": "shei", "这": "zhei", "那": "nei", "哪": "nei"}
"""A second reading that these have inside of longer words, too."""

_LEAST_SHARE: Final = 0.15
_MOST_READINGS: Final = 4


def readings(word: str) -> tuple[Reading, ...]:
    """Return how a word is said, the likeliest first; of a pinyin syllable, itself. None if it cannot be said."""
    if word in SYLLABLES:
        return ((word,),)
    if len(word) == 1:
        found: list[Reading] = [(sound,) for sound in _of_character(word)]
    else:
        plain = [canonical(sound) for sound in lazy_pinyin(word, style=Style.NORMAL)]
        if len(plain) != len(word):
            return ()
        choices = [
            (sound, also) if (also := _WITHIN.get(char, sound)) != sound else (sound,)
            for char, sound in zip(word, plain, strict=True)
        ]
        found = list(product(*choices))
    return tuple(reading for reading in found if all(map(_is_syllable, reading)))[:_MOST_READINGS]


def lexicon(words: Iterable[str]) -> dict[str, tuple[Reading, ...]]:
    """Return the readings of each word that can be said and, after them, of every syllable."""
    said = {word: found for word in words if (found := readings(word))}
    return said | {sound: ((sound,),) for sound in sorted(SYLLABLES)}


def _of_character(char: str) -> list[str]:
    if char in SPOKEN:
        return list(SPOKEN[char])
    first = canonical(lazy_pinyin(char, style=Style.NORMAL)[0])
    known = {canonical(to_normal(sound)) for sound in pinyin(char, heteronym=True)[0]}
    counted = _counted().get(char, Counter())
    least = max(5, _LEAST_SHARE * counted.total())
    return [
        first,
        *(sound for sound, times in counted.most_common() if sound != first and sound in known and times >= least),
    ]


@cache
def _counted() -> Mapping[str, Counter[str]]:
    """Return how often each character has each reading in the tables of words."""
    counts: defaultdict[str, Counter[str]] = defaultdict(Counter)
    for word, spelled in phrases_dict.items():
        for char, sound in zip(word, spelled, strict=False):
            counts[char][canonical(to_normal(sound[0]))] += 1
    return counts


def _is_syllable(sound: str) -> bool:
    try:
        split(sound)
    except ValueError:
        return False
    return sound in SYLLABLES
