"""Is the left channel the agent's? What each side's voice sounds like tells; nobody's words are needed (law 10).

The agent's microphone hears all of a voice, a telephone line 300 to 3400 Hz of it. If the agent's side sounds like a
line and the customer's like a microphone, again and again, the channels are swapped: from then on a voice is nobody's
until the agent's side sounds like a microphone again. Two wide sides (VoIP) or two narrow ones say nothing.

Where only the agent's side is tapped (`station.customer_side`), what comes on the other is nobody's either.
"""

from collections import deque
from typing import Final

from pi_companion.core.facts import (
    BusyToneHeard,
    Fact,
    Part,
    PartFound,
    PartLost,
    Side,
    SignalChanged,
    TalkSpurtBegan,
    TalkSpurtEnded,
    WordsHeard,
)

NARROW_DB: Final = -30
WIDE_DB: Final = -25
"""Treble against speech: lines stay below the one, microphones above the other; what is between says nothing."""

_LEAST_SPURT_MS: Final = 700  # an 嗯 has no treble by whatever it is heard
_LEAST_DBFS: Final = -45  # nor has a voice this soft, above the noise
_LEAST_SPURTS: Final = 4
_KEPT: Final = 8
_RIGHT_SPURTS: Final = 3  # wide ones, one after another, are not said through a line


class Sides:
    """Takes every fact before anybody else does."""

    def __init__(self, *, has_customer_side: bool) -> None:
        self._has_customer_side = has_customer_side
        self._treble_db: dict[Side, deque[int]] = {side: deque(maxlen=_KEPT) for side in Side}
        self._open: set[Side] = set()
        self.is_swapped = False

    def judge(self, fact: Fact) -> PartLost | PartFound | None:
        """Return what this spurt makes known: that the channels are swapped, or are right again."""
        match fact:
            case PartLost(part=Part.TAP):
                self._forget()  # what is plugged in again may be another way round
            case TalkSpurtEnded() if self._has_customer_side and _is_telling(fact):
                self._treble_db[fact.side].append(fact.treble_db or 0)
                if not self.is_swapped and self._sound_swapped():
                    self.is_swapped = True
                    self._forget()
                    return PartLost(at=fact.at, part=Part.SIDES, detail="the agent's side sounds like the line")
                if self.is_swapped and self._sound_right():
                    self.is_swapped = False
                    self._forget()
                    return PartFound(at=fact.at, part=Part.SIDES)
            case _:
                pass
        return None

    def counts(self, fact: Fact) -> bool:
        """Return whether the fact is anybody's; what was open as the sides were found swapped may still end."""
        match fact:
            case TalkSpurtBegan():
                is_known = not self.is_swapped and self._is_tapped(fact.side)
                (self._open.add if is_known else self._open.discard)(fact.side)
                return is_known
            case TalkSpurtEnded():
                is_known = fact.side in self._open or (not self.is_swapped and self._is_tapped(fact.side))
                self._open.discard(fact.side)
                return is_known
            case WordsHeard():
                return not self.is_swapped and self._is_tapped(fact.side)
            case SignalChanged():
                return self._is_tapped(fact.side)
            case BusyToneHeard():
                return not self.is_swapped and self._is_tapped(Side.CUSTOMER)
            case _:
                return True

    def _is_tapped(self, side: Side) -> bool:
        return side is Side.AGENT or self._has_customer_side

    def _forget(self) -> None:
        for heard in self._treble_db.values():
            heard.clear()

    def _sound_swapped(self) -> bool:
        agent, customer = self._treble_db[Side.AGENT], self._treble_db[Side.CUSTOMER]
        if min(len(agent), len(customer)) < _LEAST_SPURTS:
            return False
        is_line = _agree([treble_db <= NARROW_DB for treble_db in agent])
        return is_line and _agree([treble_db >= WIDE_DB for treble_db in customer])

    def _sound_right(self) -> bool:
        last = list(self._treble_db[Side.AGENT])[-_RIGHT_SPURTS:]
        return len(last) == _RIGHT_SPURTS and min(last) >= WIDE_DB


def _is_telling(spurt: TalkSpurtEnded) -> bool:
    is_long = spurt.ended - spurt.began >= _LEAST_SPURT_MS
    return spurt.treble_db is not None and is_long and spurt.level_dbfs >= _LEAST_DBFS


def _agree(votes: list[bool]) -> bool:
    """Return whether all agree; of six and more one may not."""
    return votes.count(False) <= len(votes) // 6
