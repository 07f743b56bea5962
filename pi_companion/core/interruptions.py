"""Who talks while the other has not finished? Both voices at once for too long, and who was second (LISTEN-1).

The nudge comes as soon as the overlap is certain, the report with its true length when it is over. Acknowledgements
are nobody's interruption: what a side says counts from its first other word on. Without speech recognition only
time decides.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from pi_companion.core import screens
from pi_companion.core.effects import BargedIn
from pi_companion.core.facts import BusyToneHeard, Part, PartLost, Side
from pi_companion.core.observing import Advice, CallEnded, Happening, Moment, Note
from pi_companion.core.settings import Pack
from pi_companion.core.voices import HANGOVER_MS, Utterance, Voices


@dataclass(frozen=True, slots=True, kw_only=True)
class _Overlap:
    """`second` began while `first` was talking; both say something since `began`."""

    by: Side
    first: Utterance
    second: Utterance
    began: int

    @property
    def ended(self) -> int | None:
        """When one of them stopped; None while both go on."""
        ends = [one.ended for one in (self.first, self.second) if one.ended is not None]
        return min(ends, default=None)


class Interruptions:
    """Watches one call; `settings.limits.turns`."""

    def __init__(self, pack: Pack, voices: Voices) -> None:
        self._limits, self._texts, self._voices = pack.limits.turns, pack.texts, voices
        self._due: int | None = None
        self._known: _Overlap | None = None
        self._is_reported = True
        self._has_interrupted = False
        self._has_missed = False

    def take(self, happening: Happening, moment: Moment) -> Iterable[Advice]:
        """Judge the voices anew; tell at the end how it was."""
        self._has_missed = self._has_missed or not moment.is_heard
        match happening:
            case PartLost(part=Part.TAP | Part.SIDES):
                yield from self._report(happening.at, happening.at - HANGOVER_MS)
            case CallEnded() | BusyToneHeard():
                yield from self._report(happening.at, happening.at - HANGOVER_MS)
                is_known = Side.CUSTOMER in self._voices.has_spoken and not self._has_missed
                if is_known and not self._has_interrupted:
                    yield Note(rule="LISTEN-1", is_good=True)
            case _:
                yield from self._judge(happening.at, moment)

    def deadline(self) -> int | None:
        """Return when the overlap that goes on is too long."""
        return self._due

    def pass_deadline(self, at: int, moment: Moment) -> Iterable[Advice]:
        """Judge the voices anew."""
        yield from self._judge(at, moment)

    def _judge(self, at: int, moment: Moment) -> Iterable[Advice]:
        self._due = None
        if self._known is not None and self._known.ended is not None:
            yield from self._report(at, self._known.ended)
        overlap = self._overlap(moment)
        if overlap is None:
            return
        if self._known is not None and self._known.second in {overlap.first, overlap.second}:
            return  # told already, or it is the one who was interrupted who goes on
        certain_until = at - HANGOVER_MS if overlap.ended is None else overlap.ended
        if certain_until - overlap.began >= self._limits.barge_in_ms:
            self._known, self._is_reported = overlap, False
            if overlap.by is Side.AGENT:
                self._has_interrupted = True
                title, say = self._texts["nudge.barge_in.title"], self._texts["nudge.barge_in.say"]
                yield screens.nudge_of("LISTEN-1", title, say)
                yield Note(rule="LISTEN-1", is_good=False)
        elif overlap.ended is None:
            self._due = overlap.began + self._limits.barge_in_ms + HANGOVER_MS

    def _report(self, at: int, ended: int) -> Iterable[Advice]:
        if self._known is not None and not self._is_reported:
            self._is_reported = True
            yield BargedIn(at=at, by=self._known.by, overlap_ms=ended - self._known.began)

    def _overlap(self, moment: Moment) -> _Overlap | None:
        """Return what of the last two utterances is one over the other, if the second side could know better."""
        agent, customer = self._voices.last.get(Side.AGENT), self._voices.last.get(Side.CUSTOMER)
        if agent is None or customer is None or agent.is_unheard:
            return None
        by = Side.AGENT if agent.began > customer.began else Side.CUSTOMER
        first, second = (customer, agent) if by is Side.AGENT else (agent, customer)
        if second.began - first.began < self._limits.at_once_ms:
            return None
        if not moment.is_understood:
            return _Overlap(by=by, first=first, second=second, began=second.began)
        if first.says_from is None or second.says_from is None or first.says_from >= second.says_from:
            return None
        return _Overlap(by=by, first=first, second=second, began=second.says_from)
