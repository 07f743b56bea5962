"""What does the network tell apart? The blank, the initials and the finals of Mandarin without tones.

Every syllable is exactly one initial and one final, those that begin with a vowel too (their initial is `y`, `w` or
`'`). So two equal units never follow each other, and CTC needs no blank between any two of them.
"""

from collections.abc import Iterable, Mapping
from functools import cache
from types import MappingProxyType
from typing import Final

BLANK: Final = "<blk>"
INITIALS: Final = tuple("b p m f d t n l g k h j q x zh ch sh r z c s y w '".split())  # noqa: SIM905 - read as a row
FINALS: Final = tuple(
    "a o e i u v ai ei ui ao ou iu ie ve er an en in un vn ang eng ing ong ia iao ian iang iong ua uo uai uan uang van "  # noqa: SIM905 - as above
    "ueng ih iz".split()
)
UNITS: Final = (BLANK, *INITIALS, *FINALS)
"""In the order of the network's outputs."""

_INDEX: Final[Mapping[str, int]] = MappingProxyType({unit: index for index, unit in enumerate(UNITS)})

# As pinyin spells them, and as they sound.
_WITH_Y: Final = {
    "a": "ia", "o": "o", "e": "ie", "i": "i", "u": "v", "ai": "ai", "ao": "iao", "ou": "iu", "an": "ian", "in": "in",
    "ang": "iang", "ing": "ing", "ong": "iong", "ue": "ve", "uan": "van", "un": "vn",
}  # fmt: skip
_WITH_W: Final = {
    "u": "u", "a": "ua", "o": "uo", "ai": "uai", "ei": "ui", "an": "uan", "en": "un", "ang": "uang", "eng": "ueng",
}  # fmt: skip
_WITH_JQX: Final = {"u": "v", "ue": "ve", "uan": "van", "un": "vn"}
_SPELLED: Final = {"n": "en", "ng": "en", "m": "en", "hm": "en", "hng": "en", "r": "er", "lue": "lve", "nue": "nve"}


def canonical(syllable: str) -> str:
    """Return one spelling of a toneless syllable: `v` for ü, `en` for the hummed ones, `er` for the r of 儿."""
    plain = syllable.replace("u:", "v").replace("ü", "v")
    return _SPELLED.get(plain, plain)


@cache
def split(syllable: str) -> tuple[str, str]:
    """Return initial and final of a toneless pinyin syllable. Raises ValueError if it is none."""
    plain = canonical(syllable)
    parts: tuple[str, str | None]
    if plain[:1] == "y":
        parts = "y", _WITH_Y.get(plain[1:])
    elif plain[:1] == "w":
        parts = "w", _WITH_W.get(plain[1:])
    elif plain[:1] in tuple("aoe"):
        parts = "'", plain
    else:
        initial = plain[: 2 if plain[1:2] == "h" else 1]
        parts = initial, _final_after(initial, plain[len(initial) :])
    initial, final = parts
    if initial not in _INDEX or final not in FINALS:
        raise ValueError(f"{syllable!r} is no toneless Mandarin syllable")
    return initial, final


def encode(syllables: Iterable[str]) -> list[int]:
    """Return the network's outputs for a row of toneless syllables, without blanks. Raises ValueError."""
    return [_INDEX[part] for syllable in syllables for part in split(syllable)]


def _final_after(initial: str, spelled: str) -> str:
    if spelled in ("ih", "iz"):  # no spellings: what the i of 是 and 四 is called here
        return ""
    if spelled == "i" and initial in ("zh", "ch", "sh", "r"):
        return "ih"
    if spelled == "i" and initial in ("z", "c", "s"):
        return "iz"
    if initial in ("j", "q", "x"):
        return _WITH_JQX.get(spelled, spelled)
    return spelled
