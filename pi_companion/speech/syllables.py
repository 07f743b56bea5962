"""Which Mandarin syllables are there, and how likely is one heard for another? Data and arithmetic only.

Two syllables differ in their initial and their final. Both parts are taken as they sound, not as pinyin spells
them (`yan` is -ian, `ju` is j-ü), and each pair that speakers or recognisers mix up has a cost. The figures are
judgement, ordered by how common a mix-up is, not measurements: a merger of whole dialects (n and l, in and ing)
costs about a tenth of a syllable, a slip between neighbours a third, any other difference in one part well over
half, and a difference in both the whole syllable.
"""

from collections.abc import Mapping
from functools import cache
from types import MappingProxyType
from typing import Final

WRONG_PM: Final = 1000
"""Cost of a wholly wrong syllable, in per mille."""

_OTHER_INITIAL_PM: Final = 600
_OTHER_FINAL_PM: Final = 700

_SPELLINGS: Final = {
    "": "a ai an ang ao e ei en eng er o ou",
    "b": "a ai an ang ao ei en eng i ian iao ie in ing o u",
    "p": "a ai an ang ao ei en eng i ian iao ie in ing o ou u",
    "m": "a ai an ang ao e ei en eng i ian iao ie in ing iu o ou u",
    "f": "a an ang ei en eng o ou u",
    "d": "a ai an ang ao e ei en eng i ia ian iao ie ing iu ong ou u uan ui un uo",
    "t": "a ai an ang ao e ei eng i ian iao ie ing ong ou u uan ui un uo",
    "n": "a ai an ang ao e ei en eng i ian iang iao ie in ing iu ong ou u uan un uo v ve",
    "l": "a ai an ang ao e ei eng i ia ian iang iao ie in ing iu o ong ou u uan un uo v ve",
    "g": "a ai an ang ao e ei en eng ong ou u ua uai uan uang ui un uo",
    "k": "a ai an ang ao e ei en eng ong ou u ua uai uan uang ui un uo",
    "h": "a ai an ang ao e ei en eng ong ou u ua uai uan uang ui un uo",
    "j": "i ia ian iang iao ie in ing iong iu u uan ue un",
    "q": "i ia ian iang iao ie in ing iong iu u uan ue un",
    "x": "i ia ian iang iao ie in ing iong iu u uan ue un",
    "zh": "a ai an ang ao e ei en eng i ong ou u ua uai uan uang ui un uo",
    "ch": "a ai an ang ao e en eng i ong ou u ua uai uan uang ui un uo",
    "sh": "a ai an ang ao e ei en eng i ou u ua uai uan uang ui un uo",
    "r": "an ang ao e en eng i ong ou u ua uan ui un uo",
    "z": "a ai an ang ao e ei en eng i ong ou u uan ui un uo",
    "c": "a ai an ang ao e ei en eng i ong ou u uan ui un uo",
    "s": "a ai an ang ao e en eng i ong ou u uan ui un uo",
    "y": "a an ang ao e i in ing o ong ou u uan ue un",
    "w": "a ai an ang ei en eng o u",
}
"""Toneless pinyin as pypinyin spells it (`v` for ü), by written initial."""

_Y_FINALS: Final = {"i": "i", "in": "in", "ing": "ing", "u": "v", "uan": "van", "ue": "ve", "un": "vn", "ou": "iu"}
_W_FINALS: Final = {"u": "u", "ei": "ui", "en": "un"}
_AFTER_JQX: Final = {"u": "v", "uan": "van", "ue": "ve", "un": "vn"}

_INITIALS: Final = {
    100: "zh/z ch/c sh/s",
    150: "n/l",
    250: "f/h r/l",
    300: "b/p d/t g/k j/q zh/ch z/c",
    400: "g/h k/h j/zh q/ch x/sh x/s x/q s/c sh/ch r/n m/n",
}
_FINALS: Final = {
    60: "o/uo",
    100: "in/ing",
    120: "an/ang en/eng",
    150: "ian/iang uan/uang un/en ui/ei",
    250: "eng/ong ong/iong",
    300: "i/v ie/ve ian/van in/vn e/o e/uo ia/a uo/ou -i/e",
    350: "ai/ei iao/ao ua/a iu/ou un/vn uan/van uai/ai iang/ang uang/ang uan/an ian/ie",
    400: "ao/ou in/en ing/eng ong/ou u/v u/ou u/o i/ei i/ie e/en an/en ang/eng",
}


def _costs_of(pairs: Mapping[int, str]) -> Mapping[frozenset[str], int]:
    return {frozenset(pair.split("/")): cost for cost, row in pairs.items() for pair in row.split()}


_INITIAL_COSTS: Final = _costs_of(_INITIALS)
_FINAL_COSTS: Final = _costs_of(_FINALS)
_SAME: Final = frozenset({frozenset({"ni", "nin"}), frozenset({"ma", "me"})})
"""Pairs that are one word to a rule: 你 and 您, and the closing particles 吗, 嘛 and 么."""


def _sounds(initial: str, final: str) -> tuple[str, str]:
    """Return initial and final as they sound."""
    match initial:
        case "y":
            return "", _Y_FINALS.get(final, f"i{final}")
        case "w":
            return "", _W_FINALS.get(final, f"u{final}")
        case "j" | "q" | "x":
            return initial, _AFTER_JQX.get(final, final)
        case "zh" | "ch" | "sh" | "r" | "z" | "c" | "s" if final == "i":
            return initial, "-i"
        case _:
            return initial, final


_PARTS: Final = {
    initial + final: _sounds(initial, final) for initial, row in _SPELLINGS.items() for final in row.split()
}

SYLLABLES: Final = frozenset(_PARTS)
"""Every syllable that can be heard or expected."""


def cost_pm(expected: str, heard: str) -> int:
    """Return how wrong `heard` is where `expected` should stand: 0 the same, 1000 nothing in common; symmetric."""
    if expected == heard or frozenset({expected, heard}) in _SAME:
        return 0
    if expected not in _PARTS or heard not in _PARTS:
        return WRONG_PM
    (initial, final), (other_initial, other_final) = _PARTS[expected], _PARTS[heard]
    initial_pm = _INITIAL_COSTS.get(frozenset({initial, other_initial}))
    final_pm = _FINAL_COSTS.get(frozenset({final, other_final}))
    if initial == other_initial:
        return _OTHER_FINAL_PM if final_pm is None else final_pm
    if final == other_final:
        return _OTHER_INITIAL_PM if initial_pm is None else initial_pm
    if initial_pm is None or final_pm is None:
        return WRONG_PM
    return min(initial_pm + final_pm, WRONG_PM)


@cache
def costs_pm(readings: frozenset[str]) -> Mapping[str, int]:
    """Return the cost of every syllable that is not wholly wrong where any of `readings` may stand.

    The same readings share one mapping: a pack has thousands of places and a few hundred syllables.
    """
    if len(readings) == 1:
        (expected,) = readings
        costs = {heard: cost_pm(expected, heard) for heard in SYLLABLES | readings}
        return MappingProxyType({heard: cost for heard, cost in sorted(costs.items()) if cost < WRONG_PM})
    lowest: dict[str, int] = {}
    for reading in sorted(readings):
        for heard, cost in costs_pm(frozenset({reading})).items():
            lowest[heard] = min(cost, lowest.get(heard, WRONG_PM))
    return MappingProxyType(dict(sorted(lowest.items())))
