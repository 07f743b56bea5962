"""Who coaches? Every detector, asked in turn about all that happens; what they advise goes where it belongs."""

from collections.abc import Callable, Iterable
from dataclasses import replace

from pi_companion.core import screens
from pi_companion.core.away import AwayTimer
from pi_companion.core.call_time import CallTimer
from pi_companion.core.checklist import Checklist
from pi_companion.core.closing import ClosingCheck
from pi_companion.core.cues import Arbiter, Nudge
from pi_companion.core.effects import Effect
from pi_companion.core.emotion import Temper
from pi_companion.core.intonation import IntonationCheck
from pi_companion.core.leads import Leads
from pi_companion.core.loudness import LoudnessCheck
from pi_companion.core.observing import Advice, Cue, Detector, Drop, Happening, Moment, Note, Praise, Prompt
from pi_companion.core.outbound import OutboundScript
from pi_companion.core.restating import Restating
from pi_companion.core.seat import Seat
from pi_companion.core.settings import Pack, Station
from pi_companion.core.silent_call import SilentCallScript
from pi_companion.core.suggested_line import SuggestedLine
from pi_companion.core.turns import Turns


def detectors(pack: Pack, station: Station) -> tuple[Detector, ...]:
    """Return every detector there is; at one instant they advise in this order."""
    has_customer = station.customer_side  # what needs both sides is off without it, never guessed
    return (
        SuggestedLine(pack),
        CallTimer(pack),
        Leads(pack),
        *((Turns(pack), Restating(pack)) if has_customer else ()),
        LoudnessCheck(pack, station),
        IntonationCheck(pack),
        *((Temper(pack), SilentCallScript(pack)) if has_customer else ()),
        OutboundScript(pack),
        Checklist(pack),
        ClosingCheck(pack),
        Seat(pack, station),
        AwayTimer(pack),
    )


class Observers:
    """`moment` tells what holds now; `emit` takes the effects that follow."""

    def __init__(
        self,
        pack: Pack,
        station: Station,
        arbiter: Arbiter,
        emit: Callable[[Effect], None],
        moment: Callable[[], Moment],
    ) -> None:
        self._detectors = detectors(pack, station)
        self._arbiter, self._emit, self._moment = arbiter, emit, moment

    def take(self, happening: Happening, now: int | None = None) -> None:
        """Let every detector see what happened; `now`: if it is only known later than it was."""
        moment, at = self._moment(), happening.at if now is None else now
        for detector in self._detectors:
            self._follow(at, detector.take(happening, moment), moment)

    def deadline(self) -> int | None:
        """Return when time alone will matter to one of them."""
        dues = (detector.deadline() for detector in self._detectors)
        return min((due for due in dues if due is not None), default=None)

    def pass_deadline(self, at: int) -> None:
        """Let every detector know the time."""
        moment = self._moment()
        for detector in self._detectors:
            self._follow(at, detector.pass_deadline(at, moment), moment)

    def _follow(self, at: int, advised: Iterable[Advice], moment: Moment) -> None:
        for advice in advised:
            match advice:
                case Nudge():
                    self._arbiter.offer(advice)
                case Cue():
                    self._emit_all(
                        self._arbiter.cue(at, advice.rule, advice.text, advice.screen, is_urgent=advice.is_urgent)
                    )
                case Prompt():
                    self._emit_all(
                        self._arbiter.prompt(at, advice.rule, advice.text, advice.screen, is_urgent=advice.is_urgent)
                    )
                case Praise():
                    self._emit_all(self._arbiter.praise(at, advice.rule, advice.text, screens.praise(advice.text)))
                case Drop():
                    self._arbiter.drop(advice.rule)
                case Note():
                    if moment.call is not None:
                        moment.call.note(advice.rule, is_good=advice.is_good)
                case _:
                    self._emit(replace(advice, at=at))

    def _emit_all(self, effects: Iterable[Effect]) -> None:
        for effect in effects:
            self._emit(effect)
