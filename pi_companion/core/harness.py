"""Which station is the unit plugged into? Its harness straps three of six lines to ground: that is the code.

Five data bits and a line that makes the number of straps odd; a code is one with exactly three straps. So none of these
is ever taken for a station, however long it lasts:

- no harness (nothing strapped), all lines at ground, and either of them with one line wrong;
- a harness with one line wrong: the number of straps is even;
- a plug that is only half in, or wires that broke, however many: fewer than three straps. Or wires at ground, however
  many: more than three.

Only an open wire together with another one at ground can read as a wrong station. Of the 32 codes of five bits 20 have
three straps; they are `CODES`.
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from pi_companion.core.facts import Fact

LINES: Final = ("1", "2", "4", "8", "16", "parity")
"""What the lines are called, the least bit of a word first; as a word, a strapped line is a 1."""

STRAPS: Final = 3

SETTLE_MS: Final = 600
SETTLE_READINGS: Final = 4
"""A word is believed once so many readings in a row, over so long, had it: a plug bounces for far less."""

_PARITY: Final = 1 << 5


class HarnessState(StrEnum):
    """What the lines say. `unused`: parity is right, the number of straps is not."""

    CHANGING = "changing"
    MISSING = "missing"
    BAD_PARITY = "bad_parity"
    UNUSED = "unused"
    READ = "read"


@dataclass(frozen=True, slots=True, kw_only=True)
class HarnessChanged(Fact):
    """The harness says something else now. `word`: the strapped lines; `code`: the station's, None unless read."""

    state: HarnessState
    word: int
    code: int | None = None


def word_of(code: int) -> int:
    """Return the word of a station's code: which lines its harness straps. Raises `ValueError` if it is none."""
    if code not in CODES:
        raise ValueError(f"{code} is no station's code; those are {', '.join(map(str, CODES))}")
    return _with_parity(code)


def judge(word: int) -> tuple[HarnessState, int | None]:
    """Return what a word means, and the station's code if it is one."""
    straps = word.bit_count()
    if straps == 0:
        return HarnessState.MISSING, None
    if straps % 2 == 0:
        return HarnessState.BAD_PARITY, None
    if straps != STRAPS:
        return HarnessState.UNUSED, None
    return HarnessState.READ, word & ~_PARITY


class Harness:
    """Debounces the lines. `now`: what is believed; it is changing until the first word has settled."""

    def __init__(self) -> None:
        self.now = HarnessChanged(at=0, state=HarnessState.CHANGING, word=0)
        self._since = 0
        self._readings = 0

    def read(self, at: int, word: int) -> HarnessChanged | None:
        """Take a reading of all lines; return what has changed, if anything has."""
        if word != self.now.word or self._readings == 0:
            self._since, self._readings = at, 1
            return self._believe(HarnessChanged(at=at, state=HarnessState.CHANGING, word=word))
        self._readings += 1
        if self.now.state is HarnessState.CHANGING and self._is_settled(at):
            state, code = judge(word)
            return self._believe(HarnessChanged(at=at, state=state, word=word, code=code))
        return None

    def _is_settled(self, at: int) -> bool:
        return at - self._since >= SETTLE_MS and self._readings >= SETTLE_READINGS

    def _believe(self, changed: HarnessChanged) -> HarnessChanged:
        self.now = changed
        return changed


def told(harness: HarnessChanged) -> str:
    """Return for people what the harness says, and what to do if it names no station."""
    strapped = [name for place, name in enumerate(LINES) if harness.word >> place & 1]
    lines = f"at ground: {', '.join(strapped) or 'none'}"
    match harness.state:
        case HarnessState.CHANGING:
            return f"not settled ({lines}): push the plug home"
        case HarnessState.MISSING:
            return "none plugged in: no line is at ground"
        case HarnessState.BAD_PARITY:
            return f"bad parity ({lines}): a wire is open or at ground that should not be; try another harness"
        case HarnessState.UNUSED:
            return f"no station's code ({lines}): it must be three; the plug is not home or wires are broken"
        case HarnessState.READ:
            return f"station code {harness.code} ({lines})"


def _with_parity(code: int) -> int:
    return code | (0 if code.bit_count() % 2 else _PARITY)


CODES: Final = tuple(code for code in range(32) if _with_parity(code).bit_count() == STRAPS)
"""The 20 codes that a station may have."""
