"""May the agent be disturbed now? The one arbiter of nudges and prompts (law 8)."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from pi_companion.core.effects import CueShown, Effect, NudgeShown, NudgeWithheld, Screen
from pi_companion.core.settings import Cueing

_RETRY_MS: Final = 1000  # a nudge that waits for a covered screen looks again this often


class Weight(StrEnum):
    """How a nudge is rationed. `now`: worthless later, dropped if it may not show. `patient`: waits for its turn.

    `exempt`: mute and safety, always shown, not counted.
    """

    NOW = "now"
    PATIENT = "patient"
    EXEMPT = "exempt"


@dataclass(frozen=True, slots=True, kw_only=True)
class Nudge:
    """A change of behaviour asked of the agent; `screen` is what the OLED shows for it."""

    rule: str
    text: str
    screen: Screen
    weight: Weight = Weight.NOW


class Arbiter:
    """Holds what is on top of the OLED and for how long: a nudge or cue, over a prompt that stays until cleared."""

    def __init__(self, limits: Cueing) -> None:
        self._limits = limits
        self._top: Screen | None = None
        self._top_until = 0
        self._prompt: Screen | None = None
        self._prompt_rule = ""
        self._last_nudge_at: int | None = None
        self._nudged_at: dict[str, int] = {}
        self._waiting: dict[str, Nudge] = {}
        self._retry_at = 0

    @property
    def screen(self) -> Screen | None:
        """The nudge, cue or prompt that is to be shown now, if any."""
        return self._top or self._prompt

    def cue(self, at: int, rule: str, text: str, screen: Screen) -> tuple[Effect, ...]:
        """Show a cue at once, for as long as it takes to read; it costs no budget."""
        self._put(at, text, screen)
        return (CueShown(at=at, rule=rule, text=text),)

    def prompt(self, at: int, rule: str, text: str, screen: Screen) -> tuple[Effect, ...]:
        """Show a prompt that stays until `clear`; it costs no budget."""
        self._prompt, self._prompt_rule = screen, rule
        return (CueShown(at=at, rule=rule, text=text),)

    def nudge(self, at: int, nudge: Nudge, *, is_covered: bool = False) -> tuple[Effect, ...]:
        """Show a nudge if it may, else withhold it and say why. `is_covered`: something safer holds the screen."""
        reason = self._reason(at, nudge, is_covered=is_covered)
        if reason and nudge.weight is Weight.PATIENT and reason != "refractory":
            self._waiting.setdefault(nudge.rule, nudge)
            self._retry(at)
            return ()
        if reason:
            return (NudgeWithheld(at=at, rule=nudge.rule, reason=reason),)
        self._nudged_at[nudge.rule] = at
        if nudge.weight is not Weight.EXEMPT:
            self._last_nudge_at = at
        self._put(at, nudge.text, nudge.screen)
        return (NudgeShown(at=at, rule=nudge.rule, text=nudge.text),)

    def clear(self, rule: str) -> None:
        """Take the rule's prompt off the screen, if it is there."""
        if self._prompt_rule == rule:
            self._prompt = None

    def withdraw(self, rule: str) -> None:
        """Forget a nudge that still waits: what it is about has passed."""
        self._waiting.pop(rule, None)

    def end_of_call(self, at: int) -> tuple[Effect, ...]:
        """The call is over: nothing about it is shown any more; what still waited is withheld."""
        self._top = self._prompt = None
        withheld = tuple(NudgeWithheld(at=at, rule=rule, reason="call_over") for rule in self._waiting)
        self._waiting.clear()
        return withheld

    def deadline(self) -> int | None:
        """Return when the screen is to be cleared or a waiting nudge may be shown."""
        due = [] if self._top is None else [self._top_until]
        if self._waiting:
            due.append(self._retry_at)
        return min(due) if due else None

    def pass_deadline(self, at: int, *, is_covered: bool) -> tuple[Effect, ...]:
        """Clear what has been shown long enough; show a nudge whose turn has come."""
        if self._top is not None and at >= self._top_until:
            self._top = None
        effects: tuple[Effect, ...] = ()
        if self._waiting and at >= self._retry_at:
            for rule in tuple(self._waiting):
                effects += self.nudge(at, self._waiting.pop(rule), is_covered=is_covered)
        return effects

    def _retry(self, at: int) -> None:
        budget_over = 0 if self._last_nudge_at is None else self._last_nudge_at + self._limits.budget_ms
        self._retry_at = max(at + _RETRY_MS, budget_over)

    def _reason(self, at: int, nudge: Nudge, *, is_covered: bool) -> str:
        if nudge.weight is Weight.EXEMPT:
            return ""
        if is_covered or self._prompt is not None:
            return "covered"
        nudged_at = self._nudged_at.get(nudge.rule)
        if nudged_at is not None and at - nudged_at < self._limits.refractory_ms:
            return "refractory"
        if self._last_nudge_at is not None and at - self._last_nudge_at < self._limits.budget_ms:
            return "budget"
        return ""

    def _put(self, at: int, text: str, screen: Screen) -> None:
        self._top = screen
        self._top_until = at + max(self._limits.shown_ms, len(text) * self._limits.per_char_ms)
