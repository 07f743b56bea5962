"""Is there a line for what the customer just said? Shown to be read out, never as a reproach (SAY-EARLIER)."""

from collections.abc import Iterable

from pi_companion.core import screens
from pi_companion.core.observing import Advice, CallBegan, Cue, Happening, Moment, Spotted
from pi_companion.core.settings import Family, Pack


class SuggestedLine:
    """A rule of family `line` has phrases of the customer and what the agent may answer."""

    def __init__(self, pack: Pack) -> None:
        self._texts, self._rest_ms = pack.texts, pack.limits.cueing.refractory_ms
        self._told_at: dict[str, int] = {}

    def take(self, happening: Happening, moment: Moment) -> Iterable[Advice]:
        """Show the line, unless the customer is waiting: nobody could say it. Who says it again changes nothing."""
        if isinstance(happening, CallBegan):
            self._told_at.clear()
        if not isinstance(happening, Spotted) or moment.is_waiting:
            return
        rule, told_at = happening.match.rule, self._told_at.get(happening.match.rule.id)
        if rule.family is Family.LINE and (told_at is None or happening.at - told_at >= self._rest_ms):
            self._told_at[rule.id] = happening.at
            yield Cue(rule=rule.id, text=rule.say, screen=screens.script(self._texts, rule.say))

    def deadline(self) -> int | None:
        """Return None: time alone changes nothing."""
        return None

    def pass_deadline(self, _at: int, _moment: Moment) -> Iterable[Advice]:
        """Return nothing: time alone changes nothing."""
        return ()
