"""Has the phone been in 小休 for long? Only where its lamp is wired: without the lamp nobody knows (RING-4)."""

from collections.abc import Iterable

from pi_companion.core import screens
from pi_companion.core.cues import Weight
from pi_companion.core.facts import BusyLampChanged
from pi_companion.core.observing import Advice, Drop, Happening, Moment
from pi_companion.core.settings import Pack
from pi_companion.core.states import LineState


class AwayTimer:
    """Counts from the lamp's lighting up on; `settings.limits.away`."""

    def __init__(self, pack: Pack) -> None:
        self._every_ms, self._texts = pack.limits.away.remind_ms, pack.texts
        self._line = LineState.ON_HOOK
        self._since: int | None = None
        self._told = 0
        self._is_lit = False

    def take(self, happening: Happening, moment: Moment) -> Iterable[Advice]:
        """Follow the lamp and the line; a ring or a call meanwhile ends nothing, the lamp does."""
        if isinstance(happening, BusyLampChanged):
            self._is_lit = happening.is_lit
        match happening:
            case BusyLampChanged(is_lit=True) if self._since is None:
                self._since, self._told = happening.at, 0
            case BusyLampChanged(is_lit=False) if moment.line is not LineState.AWAY:
                self._since = None
            case _:
                pass  # a lamp that goes dark in 小休 must first hold still: then the line is on-hook again
        return self._follow(moment)

    def deadline(self) -> int | None:
        """Return when the agent is to be reminded next."""
        is_counting = self._since is not None and self._line is LineState.AWAY
        return self._due() if is_counting else None

    def pass_deadline(self, at: int, moment: Moment) -> Iterable[Advice]:
        """Nudge each time as long has passed again."""
        yield from self._follow(moment)
        if self._since is None or self._line is not LineState.AWAY or at < self._due():
            return
        self._told = (at - self._since) // self._every_ms
        say = self._texts["nudge.away.say"].replace("{minutes}", str((at - self._since) // 60000))
        yield screens.nudge_of("RING-4", self._texts["nudge.away.title"], say, weight=Weight.PATIENT)

    def _due(self) -> int:
        return (self._since or 0) + (self._told + 1) * self._every_ms

    def _follow(self, moment: Moment) -> Iterable[Advice]:
        before, self._line = self._line, moment.line
        if before is LineState.AWAY and moment.line is not LineState.AWAY:
            if moment.line is LineState.ON_HOOK or not self._is_lit:
                self._since = None  # else it is still on, and goes on after the call
            return (Drop(rule="RING-4"),)
        return ()
