"""Has the call gone on for too long? Five minutes: consider dispatching; eight: hand over (TIME-1). Holds count."""

from collections.abc import Iterable

from pi_companion.core import screens
from pi_companion.core.cues import Weight
from pi_companion.core.observing import Advice, CallBegan, CallEnded, Happening, Moment, Note
from pi_companion.core.settings import Pack


class CallTimer:
    """Counts from off-hook on; `settings.limits.call_time`."""

    def __init__(self, pack: Pack) -> None:
        self._limits, self._texts = pack.limits.call_time, pack.texts
        self._marks: list[tuple[int, str]] = []
        self._began_at = 0

    def take(self, happening: Happening, _moment: Moment) -> Iterable[Advice]:
        """Start and stop with the call."""
        match happening:
            case CallBegan():
                self._began_at = happening.at
                self._marks = [
                    (happening.at + self._limits.warn_ms, self._texts["time.warn"]),
                    (happening.at + self._limits.limit_ms, self._texts["time.limit"]),
                ]
            case CallEnded():
                self._marks = []
                most_ms = self._limits.limit_ms + self._limits.grace_ms
                yield Note(rule="TIME-1", is_good=happening.at - self._began_at <= most_ms)
            case _:
                pass

    def deadline(self) -> int | None:
        """Return when the next mark is reached."""
        return self._marks[0][0] if self._marks else None

    def pass_deadline(self, at: int, _moment: Moment) -> Iterable[Advice]:
        """Nudge at each mark, once."""
        while self._marks and at >= self._marks[0][0]:
            title = self._marks.pop(0)[1]
            yield screens.nudge_of("TIME-1", title, weight=Weight.PATIENT)
