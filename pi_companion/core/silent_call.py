"""What is said to a caller who cannot be heard? Three lines, each when it is due, with a countdown (OPEN-3)."""

from collections.abc import Iterable
from typing import Final

from pi_companion.core import screens
from pi_companion.core.facts import BusyToneHeard, Side, TalkSpurtBegan, TalkSpurtEnded
from pi_companion.core.observing import Advice, CallBegan, CallEnded, Drop, Happening, Moment, Prompt
from pi_companion.core.settings import Pack
from pi_companion.core.voices import is_live

_LINES: Final = ("silent.help", "silent.sorry", "silent.hang_up")


class SilentCallScript:
    """Runs in an answered call from the agent's first words on; `settings.limits.silent_call`.

    Each line is due after so much silence since the line before came up, or since the agent last talked. The script
    is left for good as soon as the customer is heard, is asked to wait or could no longer be heard, and when the agent
    talks on after the last line.
    """

    def __init__(self, pack: Pack) -> None:
        self._step_ms, self._texts = pack.limits.silent_call.step_ms, pack.texts
        self._is_on = False
        self._shown = 0
        self._silent_since: int | None = None
        self._redraw_at: int | None = None

    def take(self, happening: Happening, moment: Moment) -> Iterable[Advice]:
        """Start with the call, follow the agent's voice, leave at the customer's."""
        match happening:
            case CallBegan():
                self._is_on = not happening.is_outbound and not happening.is_joined
                self._shown, self._silent_since, self._redraw_at = 0, None, None
            case CallEnded() | BusyToneHeard() | TalkSpurtBegan(side=Side.CUSTOMER):
                yield from self._leave()
            case TalkSpurtBegan() if self._shown == len(_LINES):
                yield from self._leave()  # somebody is talked to after all: nobody is told to hang up on them
            case TalkSpurtBegan():
                self._silent_since = None
                yield from self._count_down(happening.at)
            case TalkSpurtEnded(side=Side.AGENT):
                self._silent_since = happening.ended
                yield from self._count_down(happening.at)
            case _:
                pass
        yield from self.pass_deadline(happening.at, moment)

    def deadline(self) -> int | None:
        """Return when the next line is due or the countdown changes."""
        dues = (self._due(), self._redraw_at)
        return min((due for due in dues if due is not None), default=None)

    def pass_deadline(self, at: int, moment: Moment) -> Iterable[Advice]:
        """Show the line that is due, or the seconds until the next one."""
        if not self._is_on:
            return
        if not is_live(moment):
            yield from self._leave()
            return
        due = self._due()
        if due is not None and at >= due:
            self._shown, self._silent_since = self._shown + 1, at
            yield from self._count_down(at)
        elif self._redraw_at is not None and at >= self._redraw_at:
            yield from self._count_down(at)

    def _due(self) -> int | None:
        """Return when the next line is due, if silence goes on."""
        if not self._is_on or self._silent_since is None or self._shown == len(_LINES):
            return None
        return self._silent_since + self._step_ms

    def _count_down(self, at: int) -> Iterable[Advice]:
        """Show the line that is up, with the seconds until the next; without them while none can be told."""
        if not self._is_on or not self._shown:
            return
        due, text = self._due(), self._texts[_LINES[self._shown - 1]]
        seconds = None if due is None else -((at - due) // 1000)
        self._redraw_at = None if due is None or seconds is None else due - (seconds - 1) * 1000
        yield Prompt(rule="OPEN-3", text=text, screen=screens.silent_call(self._texts, text, seconds))

    def _leave(self) -> Iterable[Advice]:
        if self._is_on:
            self._is_on, self._redraw_at = False, None
            yield Drop(rule="OPEN-3")
