"""Who talks, from when to when, and do they say more than 嗯? The last utterance of both sides of a call.

Keeps law 10: with the tap lost nobody is known to talk or to be silent. A spurt stays open for a hangover after its
voice has ended, so an open one proves a voice only up to `HANGOVER_MS` ago.
"""

from collections.abc import Iterable
from typing import Final

from pi_companion.core.facts import Part, PartLost, Side, TalkSpurtBegan, TalkSpurtEnded, Word, WordsHeard
from pi_companion.core.observing import Happening, Moment
from pi_companion.core.spurts import SpurtLimits
from pi_companion.core.states import LineState

HANGOVER_MS: Final = SpurtLimits().hangover_ms


class Utterance:
    """One side's voice without a pause longer than the hangover; a long one goes on where its spurt was cut.

    `ended`: None while its spurt is open. `says_from`: when the first word began that is more than an
    acknowledgement; None: no such word was recognised. `is_unheard`: the other side could not hear it all.
    """

    def __init__(self, began: int) -> None:
        self.began = began
        self.ended: int | None = None
        self.says_from: int | None = None
        self.is_unheard = False
        self._is_sure = False

    def hear(self, words: Iterable[Word], acknowledgements: frozenset[str], *, is_final: bool) -> None:
        """Take a hypothesis; what is not final may be taken back."""
        if self._is_sure:
            return
        said = (word.began for word in words if not acknowledgements.issuperset(word.syllables))
        self.says_from = next(said, None)
        self._is_sure = is_final and self.says_from is not None


class Voices:
    """Follows both sides of one call. `acknowledgements`: syllables that say nothing but “go on”."""

    def __init__(self, acknowledgements: frozenset[str]) -> None:
        self._acknowledgements = acknowledgements
        self.last: dict[Side, Utterance] = {}
        self.has_spoken: set[Side] = set()

    def take(self, happening: Happening, moment: Moment) -> None:
        """Take what happened; what is not about voices changes nothing."""
        match happening:
            case PartLost(part=Part.TAP | Part.SIDES):
                self.last.clear()
            case TalkSpurtBegan():
                self.has_spoken.add(happening.side)
                before = self.last.get(happening.side)
                if before is not None and before.ended is not None and happening.began - before.ended < HANGOVER_MS:
                    before.ended = None
                else:
                    self.last[happening.side] = Utterance(happening.began)
            case WordsHeard():
                if utterance := self.last.get(happening.side):
                    utterance.hear(happening.words, self._acknowledgements, is_final=happening.is_final)
            case TalkSpurtEnded():
                if utterance := self.last.get(happening.side):
                    utterance.ended = happening.ended
            case _:
                pass
        self.see(moment)

    def see(self, moment: Moment) -> None:
        """What the agent says while muted or on hold is not for the customer."""
        agent = self.last.get(Side.AGENT)
        if agent is not None and agent.ended is None and (moment.is_muted or moment.line is LineState.ON_HOLD):
            agent.is_unheard = True

    def is_talking(self, side: Side) -> bool:
        """Whether a spurt of this side is open."""
        utterance = self.last.get(side)
        return utterance is not None and utterance.ended is None

    def ended_at(self) -> int | None:
        """Return when the last voice ended; None if none is known."""
        return max((one.ended for one in self.last.values() if one.ended is not None), default=None)


def is_live(moment: Moment) -> bool:
    """Whether both sides hear each other and the device hears them, and nobody was asked to wait."""
    is_together = moment.line is LineState.CONNECTED and not moment.is_muted and not moment.is_waiting
    return is_together and moment.is_heard
