"""May the agent be disturbed now? The one arbiter of nudges, cues, prompts and praise (law 8).

What is offered at one instant is settled together, the rule worth most first. `settle` shows it or says why not.
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from pi_companion.core.effects import CueShown, Effect, NudgeShown, NudgeWithheld
from pi_companion.core.limits import Cueing
from pi_companion.core.states import Screen

_RETRY_MS: Final = 1000  # what waits for a covered screen looks again this often


class Weight(StrEnum):
    """How a nudge is rationed. `now`: worthless later, dropped if it may not show. `patient`: waits for its turn.

    `exempt`: mute and safety, always shown, not counted.
    """

    NOW = "now"
    PATIENT = "patient"
    EXEMPT = "exempt"


@dataclass(frozen=True, slots=True, kw_only=True)
class Nudge:
    """A change of behaviour asked of the agent; `screen` is what the OLED shows for it.

    `heard`: the pack's phrase that it is about, if any: what the page button tells when asked why.
    """

    rule: str
    text: str
    screen: Screen
    weight: Weight = Weight.NOW
    heard: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """What was last asked of the agent, for the page button's “why”."""

    at: int
    rule: str
    title: str
    heard: str


class Arbiter:
    """Holds what is on top of the OLED and for how long: a nudge or cue, over a prompt that stays until dropped."""

    def __init__(self, limits: Cueing) -> None:
        self._limits = limits
        self._top: Screen | None = None
        self._top_until = 0
        self._is_praise = False
        self._prompt: Screen | None = None
        self._prompt_rule = ""
        self._last_nudge_at: int | None = None
        self._nudged_at: dict[str, int] = {}
        self._offered: list[Nudge] = []
        self._waiting: dict[str, Nudge] = {}
        self._retry_at = 0
        self.last: Shown | None = None

    @property
    def screen(self) -> Screen | None:
        """The nudge, cue or prompt that is to be shown now, if any."""
        return self._top or self._prompt

    def cue(self, at: int, rule: str, text: str, screen: Screen, *, is_urgent: bool = True) -> tuple[Effect, ...]:
        """Show a cue for as long as it takes to read; it costs no budget. Not urgent: not over what is being read."""
        if not is_urgent and self._top is not None and not self._is_praise:
            return ()
        self._put(at, self._time_to_read(text), screen)
        return (CueShown(at=at, rule=rule, text=text),)

    def praise(self, at: int, rule: str, text: str, screen: Screen) -> tuple[Effect, ...]:
        """Show a ✓ for a moment, if nothing else is to be read."""
        if self.screen is not None:
            return ()
        self._put(at, self._limits.praise_ms, screen)
        self._is_praise = True
        return (CueShown(at=at, rule=rule, text=text),)

    def prompt(self, at: int, rule: str, text: str, screen: Screen) -> tuple[Effect, ...]:
        """Show a prompt that stays until `drop`; it costs no budget."""
        self._prompt, self._prompt_rule = screen, rule
        return (CueShown(at=at, rule=rule, text=text),)

    def offer(self, nudge: Nudge) -> None:
        """Take a nudge; `settle` decides."""
        self._offered.append(nudge)

    def settle(self, at: int, *, is_covered: bool, is_snoozed: bool = False) -> tuple[Effect, ...]:
        """Show the one of what is offered, and of what waits, that is worth most, if it may show; see to the others.

        `is_covered`: something safer holds the screen. `is_snoozed`: the agent wants none; nothing is recorded.
        """
        effects: list[Effect] = []
        is_retry = bool(self._waiting) and at >= self._retry_at
        if not self._offered and not is_retry:
            return ()
        offered, self._offered = self._offered, []
        if is_retry:
            offered += self._waiting.values()
            self._waiting.clear()
        has_shown = False
        for nudge in sorted(offered, key=self._rank):
            reason = self._reason(at, nudge, is_covered=is_covered, is_snoozed=is_snoozed, has_shown=has_shown)
            if not reason:
                has_shown = has_shown or nudge.weight is not Weight.EXEMPT
                effects.append(self._show(at, nudge))
            elif nudge.weight is Weight.PATIENT and reason != "refractory":
                self._waiting.setdefault(nudge.rule, nudge)
            elif reason != "snoozed":
                effects.append(NudgeWithheld(at=at, rule=nudge.rule, reason=reason))
        if self._waiting:
            budget_over = 0 if self._last_nudge_at is None else self._last_nudge_at + self._limits.budget_ms
            self._retry_at = max(at + _RETRY_MS, budget_over)
        return tuple(effects)

    def drop(self, rule: str) -> None:
        """What the rule asked for has happened or has passed: take its prompt away, forget its waiting nudge."""
        if self._prompt_rule == rule:
            self._prompt = None
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

    def pass_deadline(self, at: int) -> None:
        """Clear what has been shown long enough."""
        if self._top is not None and at >= self._top_until:
            self._top = None

    def _rank(self, nudge: Nudge) -> int:
        for place, beginning in enumerate(self._limits.rank):
            if nudge.rule.startswith(beginning):
                return place
        return len(self._limits.rank)

    def _reason(self, at: int, nudge: Nudge, *, is_covered: bool, is_snoozed: bool, has_shown: bool) -> str:
        if nudge.weight is Weight.EXEMPT:
            return ""
        if is_snoozed:
            return "snoozed"
        if is_covered or self._prompt is not None or (self._top is not None and not self._is_praise):
            return "covered"
        nudged_at = self._nudged_at.get(nudge.rule)
        if nudged_at is not None and at - nudged_at < self._limits.refractory_ms:
            return "refractory"
        if has_shown:
            return "outranked"
        if self._last_nudge_at is not None and at - self._last_nudge_at < self._limits.budget_ms:
            return "budget"
        return ""

    def _show(self, at: int, nudge: Nudge) -> NudgeShown:
        self._nudged_at[nudge.rule] = at
        if nudge.weight is not Weight.EXEMPT:
            self._last_nudge_at = at
        self._put(at, self._time_to_read(nudge.text), nudge.screen)
        self.last = Shown(at=at, rule=nudge.rule, title=nudge.screen.lines[0], heard=nudge.heard)
        return NudgeShown(at=at, rule=nudge.rule, text=nudge.text)

    def _time_to_read(self, text: str) -> int:
        return max(self._limits.shown_ms, len(text) * self._limits.per_char_ms)

    def _put(self, at: int, for_ms: int, screen: Screen) -> None:
        self._top, self._top_until, self._is_praise = screen, at + for_ms, False
