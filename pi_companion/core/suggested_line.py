"""Is there a line for what the customer just said? Shown to be read out, never as a reproach (SAY-EARLIER)."""

from collections.abc import Iterable

from pi_companion.core import screens
from pi_companion.core.observing import Advice, Cue, Happening, Moment, Spotted
from pi_companion.core.settings import Family, Pack


class SuggestedLine:
    """A rule of family `line` has phrases of the customer and what the agent may answer."""

    def __init__(self, pack: Pack) -> None:
        self._texts = pack.texts

    def take(self, happening: Happening, moment: Moment) -> Iterable[Advice]:
        """Show the line, unless the customer is waiting: nobody could say it."""
        if not isinstance(happening, Spotted) or moment.is_waiting:
            return
        rule = happening.match.rule
        if rule.family is Family.LINE:
            yield Cue(rule=rule.id, text=rule.say, screen=screens.script(self._texts, rule.say))

    def deadline(self) -> int | None:
        """Return None: time alone changes nothing."""
        return None

    def pass_deadline(self, _at: int, _moment: Moment) -> Iterable[Advice]:
        """Return nothing: time alone changes nothing."""
        return ()
