"""May the agent be disturbed now? The one arbiter of nudges, cues, prompts and praise (law 8).

What is offered at one instant is settled together with what waits, the rule worth most first. `settle` shows it or
says why not: every nudge is shown, waits, is withheld with a reason, or was dropped by who offered it. Only what is
kept away by the snooze button leaves no trace. What is being read is taken away by safety alone: by the wait, the
microphone, a fault, a phone that rings; and by the agent.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Final

from pi_companion.core.account import Account
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


@dataclass(frozen=True, slots=True, kw_only=True)
class _Top:
    """What is on top; anything takes the place of praise."""

    screen: Screen
    until: int
    is_nudge: bool = False
    is_safety: bool = False
    is_praise: bool = False


class Arbiter:
    """Holds what is on top of the OLED and for how long: a nudge or cue, over prompts that stay until dropped."""

    def __init__(self, limits: Cueing) -> None:
        self._limits = limits
        self._top: _Top | None = None
        self._prompts: dict[str, tuple[str, Screen, bool]] = {}  # text, screen, is it urgent
        self._last_nudge_at: int | None = None
        self._nudged: dict[str, tuple[int, str]] = {}
        self._offered: list[Nudge] = []
        self._waiting: dict[str, Nudge] = {}
        self._retry_at = 0
        self._is_covered = self._is_snoozed = False
        self._account = Account()
        self.last: Shown | None = None

    @property
    def account(self) -> Account:
        """What became of every nudge so far: numbers only, kept nowhere else."""
        return replace(self._account, waiting=len(self._waiting) + len(self._offered))

    @property
    def screen(self) -> Screen | None:
        """The nudge, cue or prompt that is to be shown now, if any; of several prompts the last."""
        if self._top is not None:
            return self._top.screen
        prompts = [screen for _, screen, is_urgent in self._prompts.values() if is_urgent or not self._is_snoozed]
        return prompts[-1] if prompts else None

    @property
    def is_safety(self) -> bool:
        """Whether what is to be shown now is about mute or safety: it comes before what the agent looks up."""
        return self._top is not None and self._top.is_safety

    def cue(self, at: int, rule: str, text: str, screen: Screen, *, is_urgent: bool = True) -> tuple[Effect, ...]:
        """Show a cue for as long as it takes to read; it costs no budget.

        Urgent is what safety asks for. Not urgent: not over what is being read, not behind what is safer, not snoozed.
        """
        if not is_urgent and (self._is_read or self._is_covered or self._is_snoozed):
            return ()
        self._top = _Top(screen=screen, until=at + self._time_to_read(text), is_safety=is_urgent)
        return (CueShown(at=at, rule=rule, text=text),)

    def praise(self, at: int, rule: str, text: str, screen: Screen) -> tuple[Effect, ...]:
        """Show a ✓ for a moment, if nothing else is to be read and the agent is not to be left alone."""
        if self.screen is not None or self._is_covered or self._is_snoozed:
            return ()
        self._top = _Top(screen=screen, until=at + self._limits.praise_ms, is_praise=True)
        return (CueShown(at=at, rule=rule, text=text),)

    def prompt(self, at: int, rule: str, text: str, screen: Screen, *, is_urgent: bool = True) -> tuple[Effect, ...]:
        """Show a prompt that stays until `drop`; it costs no budget. The same text again only changes the picture.

        Urgent: no nudge comes over it. Not urgent: not while snoozed.
        """
        if not is_urgent and self._is_snoozed:
            return ()
        said, *_ = self._prompts.get(rule, ("",))
        if said != text:
            self._prompts.pop(rule, None)  # what is new comes last, and so on top
        self._prompts[rule] = (text, screen, is_urgent)
        return (CueShown(at=at, rule=rule, text=text),) if said != text else ()

    def offer(self, nudge: Nudge) -> None:
        """Take a nudge; `settle` decides."""
        self._offered.append(nudge)
        self._count(offered=1)

    def settle(self, at: int, *, is_covered: bool, is_snoozed: bool = False) -> tuple[Effect, ...]:
        """Show the one of what is offered, and of what waits, that is worth most, if it may show; see to the others.

        `is_covered`: something safer, or what the agent looks up, holds the screen. `is_snoozed`: the agent wants no
        nudges; nothing is recorded.
        """
        self._is_covered, self._is_snoozed = is_covered, is_snoozed
        if (is_covered or is_snoozed) and not self.is_safety:
            self._top = None
        offered, self._offered = self._offered, []
        if is_snoozed:
            kept = [nudge for nudge in offered if nudge.weight is Weight.EXEMPT]
            self._count(snoozed=len(self._waiting) + len(offered) - len(kept))
            self._waiting.clear()
            offered = kept
        if not offered and not (self._waiting and at >= self._retry_at):
            return ()
        effects: list[Effect] = [*self._queue(at, offered)]
        rationed = [*(nudge for nudge in offered if nudge.weight is Weight.NOW), *self._waiting.values()]
        safety = [nudge for nudge in offered if nudge.weight is Weight.EXEMPT]
        has_shown = False
        for nudge in [*sorted(safety, key=self._rank), *sorted(rationed, key=self._rank)]:
            reason = self._reason(at, nudge, is_covered=is_covered, has_shown=has_shown)
            if nudge.weight is Weight.PATIENT:
                if reason and not (reason == "refractory" and self._nudged[nudge.rule][1] == nudge.text):
                    continue
                self._waiting.pop(nudge.rule)
            if reason:
                effects.append(NudgeWithheld(at=at, rule=nudge.rule, reason=reason))
            else:
                has_shown = has_shown or nudge.weight is not Weight.EXEMPT
                effects.append(self._show(at, nudge))
        ready_at = min((self._ready_at(rule) for rule in self._waiting), default=0)
        self._retry_at = ready_at if ready_at > at else at + _RETRY_MS
        self._count(withheld=sum(isinstance(effect, NudgeWithheld) for effect in effects))
        return tuple(effects)

    def drop(self, rule: str) -> None:
        """What the rule asked for has happened or has passed: take its prompt away, forget its nudge if not shown."""
        self._prompts.pop(rule, None)
        left = [nudge for nudge in self._offered if nudge.rule != rule]
        self._count(dropped=len(self._offered) - len(left) + (rule in self._waiting))
        self._waiting.pop(rule, None)
        self._offered = left

    def begin_call(self, at: int) -> tuple[Effect, ...]:
        """A call begins: what was about the desk before it is over, and so is the last call's “why”."""
        self._top = self.last = None
        self._prompts.clear()
        return self._give_up(at, "call_began")

    def end_of_call(self, at: int) -> tuple[Effect, ...]:
        """The call is over: a nudge may still be read; nothing else about it is shown; what waited is withheld."""
        if self._top is not None and not self._top.is_nudge:
            self._top = None
        self._prompts.clear()
        return self._give_up(at, "call_over")

    def free_at(self, now: int) -> int:
        """Return when nothing is being read any more; `now` if that is so already."""
        return now if self._top is None else max(now, self._top.until)

    def deadline(self) -> int | None:
        """Return when the screen is to be cleared or a waiting nudge may be shown."""
        due = [] if self._top is None else [self._top.until]
        if self._waiting:
            due.append(self._retry_at)
        return min(due) if due else None

    def pass_deadline(self, at: int) -> None:
        """Clear what has been shown long enough."""
        if self._top is not None and at >= self._top.until:
            self._top = None

    @property
    def _is_read(self) -> bool:
        return self._top is not None and not self._top.is_praise

    def _queue(self, at: int, offered: Iterable[Nudge]) -> Iterable[Effect]:
        """Let the patient ones wait; of one rule only the last is still true."""
        for nudge in offered:
            if nudge.weight is Weight.PATIENT:
                before = self._waiting.get(nudge.rule)
                if before is not None and before.text != nudge.text:
                    yield NudgeWithheld(at=at, rule=nudge.rule, reason="superseded")
                elif before is not None:
                    self._count(repeated=1)
                self._waiting[nudge.rule] = nudge

    def _give_up(self, at: int, reason: str) -> tuple[Effect, ...]:
        withheld = tuple(NudgeWithheld(at=at, rule=rule, reason=reason) for rule in self._waiting)
        self._waiting.clear()
        self._count(withheld=len(withheld))
        return withheld

    def _rank(self, nudge: Nudge) -> int:
        for place, beginning in enumerate(self._limits.rank):
            if nudge.rule.startswith(beginning):
                return place
        return len(self._limits.rank)

    def _reason(self, at: int, nudge: Nudge, *, is_covered: bool, has_shown: bool) -> str:
        if nudge.weight is Weight.EXEMPT:
            return ""
        if at < self._rested_at(nudge.rule):
            return "refractory"
        if has_shown:
            return "outranked"
        if is_covered or self._is_read or any(is_urgent for *_, is_urgent in self._prompts.values()):
            return "covered"
        return "budget" if at < self._ready_at(nudge.rule) else ""

    def _rested_at(self, rule: str) -> int:
        return self._nudged[rule][0] + self._limits.refractory_ms if rule in self._nudged else 0

    def _ready_at(self, rule: str) -> int:
        """Return when budget and rest let this rule speak again."""
        budget_over = 0 if self._last_nudge_at is None else self._last_nudge_at + self._limits.budget_ms
        return max(budget_over, self._rested_at(rule))

    def _count(self, **more: int) -> None:
        self._account = self._account.with_more(**more)

    def _show(self, at: int, nudge: Nudge) -> NudgeShown:
        self._count(shown=1)
        self._nudged[nudge.rule] = (at, nudge.text)
        is_safety = nudge.weight is Weight.EXEMPT
        if not is_safety:
            self._last_nudge_at = at
        until = at + self._time_to_read(nudge.text)
        self._top = _Top(screen=nudge.screen, until=until, is_nudge=True, is_safety=is_safety)
        self.last = Shown(at=at, rule=nudge.rule, title=nudge.screen.lines[0], heard=nudge.heard)
        return NudgeShown(at=at, rule=nudge.rule, text=nudge.text)

    def _time_to_read(self, text: str) -> int:
        return max(self._limits.shown_ms, len(text) * self._limits.per_char_ms)
