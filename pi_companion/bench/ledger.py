"""What did the arbiter do, all told? A performer that counts nudges and times screens; numbers and rule ids only.

Keeps law 9: no words go in here, and nothing of it is written anywhere.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Final

from rich import box
from rich.console import Group
from rich.table import Table

from pi_companion.core.account import Account
from pi_companion.core.effects import (
    CallAnswered,
    CallMissed,
    Effect,
    LineStateChanged,
    NudgeShown,
    NudgeWithheld,
    OutboundBegan,
    ShowScreen,
)
from pi_companion.core.states import LineState, Screen, ScreenName

_HOUR_MS: Final = 3600000
_REASONS: Final = ("budget", "refractory", "covered", "outranked", "superseded", "call_over", "call_began")

MAY_TAKE: Final = frozenset(
    {
        # Safety: the microphone, the wait, a fault, a phone that rings.
        *(ScreenName.MUTED, ScreenName.MUTE_UNCONFIRMED, ScreenName.CONSENT, ScreenName.CONFIRM),
        *(ScreenName.FAULT, ScreenName.RINGING),
        # What the agent asks for.
        *(ScreenName.ANSWER, ScreenName.WHY, ScreenName.SNOOZED),
    }
)
"""What may take a nudge off the screen before it was there long enough."""


@dataclass(slots=True)
class Asked:
    """One nudge. `on_screen_ms`: how long it could be read; `taken_by`: the screen that came after it."""

    at: int
    rule: str
    text: str
    on_screen_ms: int = 0
    taken_by: ScreenName | None = None

    @property
    def is_rationed(self) -> bool:
        """Whether it counts in the budget: what is about mute and the wait does not."""
        return not self.rule.startswith("HOLD-")


@dataclass(slots=True)
class Ledger:
    """Give it every effect in order, then the session's `end`."""

    length_ms: int = 0
    calls: Counter[str] = field(default_factory=Counter)
    in_calls_ms: int = 0
    nudges: list[Asked] = field(default_factory=list)
    hints: Counter[str] = field(default_factory=Counter)
    withheld: Counter[tuple[str, str]] = field(default_factory=Counter)
    screens_ms: Counter[ScreenName] = field(default_factory=Counter)
    _screen: Screen | None = None
    _asked: Asked | None = None
    _screen_at: int = 0
    _connected_at: int | None = None

    def take(self, effect: Effect) -> None:
        """Count one effect."""
        match effect:
            case NudgeShown(rule="HOLD-4"):
                self.hints[effect.rule] += 1  # said on the screen of the wait itself
            case NudgeShown():
                self.nudges.append(Asked(at=effect.at, rule=effect.rule, text=effect.text))
            case NudgeWithheld():
                self.withheld[effect.rule, effect.reason] += 1
            case ShowScreen():
                self._show(effect.at, effect.screen)
            case CallAnswered():
                self.calls["answered"] += 1
            case CallMissed():
                self.calls["missed"] += 1
            case OutboundBegan():
                self.calls["outbound"] += 1
            case LineStateChanged():
                self._line(effect.at, effect.state)
            case _:
                pass

    def end(self, at: int) -> None:
        """The session is over."""
        self._show(at, None)
        self._line(at, LineState.ON_HOOK)
        self.length_ms = at

    def _show(self, at: int, screen: Screen | None) -> None:
        if self._screen is not None:
            for_ms, name = at - self._screen_at, self._screen.name
            self.screens_ms[name] += for_ms
            if self._asked is not None:
                self._asked.on_screen_ms += for_ms
                self._asked.taken_by = None if screen is None else screen.name
        self._screen, self._screen_at = screen, at
        self._asked = None if screen is None else self._asked_on(screen)

    def _asked_on(self, screen: Screen) -> Asked | None:
        """Return the nudge that a screen shows; some prompts look like one and are none."""
        last = self.nudges[-1] if self.nudges else None
        is_shown = last is not None and screen.name is ScreenName.NUDGE and last.text.startswith(screen.lines[0])
        return last if is_shown else None

    def _line(self, at: int, state: LineState) -> None:
        is_in_call = state in {LineState.CONNECTED, LineState.ON_HOLD}
        if self._connected_at is not None and not is_in_call:
            self.in_calls_ms += at - self._connected_at
            self._connected_at = None
        elif self._connected_at is None and is_in_call:
            self._connected_at = at

    @property
    def nearest_ms(self) -> int | None:
        """The least time between two nudges that the budget rations; None of fewer than two."""
        times = [asked.at for asked in self.nudges if asked.is_rationed]
        return min((later - one for one, later in pairwise(times)), default=None)

    def cut_short(self, least_ms: int) -> list[Asked]:
        """Return the nudges that were taken away sooner than that by anything but safety and the agent."""
        return [asked for asked in self.nudges if asked.on_screen_ms < least_ms and asked.taken_by not in MAY_TAKE]


def report(ledger: Ledger, account: Account, title: str) -> Group:
    """Return the figures for a terminal."""
    return Group(_overview(ledger, account, title), _by_rule(ledger), _screens(ledger))


def _overview(ledger: Ledger, account: Account, title: str) -> Table:
    table = Table(title=title, show_header=False)
    table.add_column("what")
    table.add_column("figure", justify="right")
    hours, call_hours = ledger.length_ms / _HOUR_MS, ledger.in_calls_ms / _HOUR_MS
    calls = ", ".join(f"{number} {what}" for what, number in sorted(ledger.calls.items()))
    shown = len(ledger.nudges)
    table.add_row("the day", f"{hours:.2f} h, {call_hours:.2f} h in calls")
    table.add_row("calls", f"{ledger.calls.total()}: {calls}")
    table.add_row("nudges an hour", f"{_rate(shown, ledger.length_ms)}, {_rate(shown, ledger.in_calls_ms)} of calls")
    table.add_row("nudges offered", str(account.offered))
    for what in ("shown", "withheld", "repeated", "dropped", "snoozed", "waiting", "lost"):
        table.add_row(f"  {what}", str(getattr(account, what)))
    table.add_row("two nudges were never nearer than", _seconds(ledger.nearest_ms))
    times = [asked.on_screen_ms for asked in ledger.nudges]
    table.add_row(
        "shortest, longest time on screen",
        f"{_seconds(min(times, default=None))}, {_seconds(max(times, default=None))}",
    )
    return table


def _by_rule(ledger: Ledger) -> Table:
    table = Table(title="Nudges by rule, their time on screen; why others were withheld", box=box.SIMPLE)
    table.add_column("rule", no_wrap=True)
    reasons = [reason for reason in _REASONS if any(why == reason for _rule, why in ledger.withheld)]
    for heading in ("shown", "an hour", "least", "most", *reasons):
        table.add_column(heading.replace("_", " "), justify="right")
    by_rule: defaultdict[str, list[int]] = defaultdict(list)
    for asked in ledger.nudges:
        by_rule[asked.rule].append(asked.on_screen_ms)
    for rule in sorted({*by_rule, *(rule for rule, _why in ledger.withheld)}):
        times = by_rule[rule]
        kept = (str(ledger.withheld[rule, reason] or "") for reason in reasons)
        table.add_row(
            rule,
            str(len(times)),
            _rate(len(times), ledger.length_ms),
            _seconds(min(times, default=None)),
            _seconds(max(times, default=None)),
            *kept,
        )
    return table


def _screens(ledger: Ledger) -> Table:
    table = Table(title="How long each screen was shown")
    table.add_column("screen")
    table.add_column("total", justify="right")
    table.add_column("share", justify="right")
    for name, for_ms in _most(ledger.screens_ms.items()):
        table.add_row(name, _seconds(for_ms), f"{100 * for_ms / max(1, ledger.length_ms):.1f} %")
    return table


def _most(screens: Iterable[tuple[ScreenName, int]]) -> list[tuple[ScreenName, int]]:
    return sorted(screens, key=lambda screen: (-screen[1], screen[0]))


def _rate(number: int, over_ms: int) -> str:
    return f"{number * _HOUR_MS / over_ms:.1f}" if over_ms else "–"


def _seconds(ms: int | None) -> str:
    return "–" if ms is None else f"{ms / 1000:.1f} s"
