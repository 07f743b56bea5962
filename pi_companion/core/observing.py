"""What does a detector get, and what may it ask for? The one shape of everything that coaches.

A detector takes what happens, in order, with the moment it happens in, and advises; it shows nothing itself: the
arbiter alone decides whether the agent is disturbed (law 8).
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Protocol

from pi_companion.core.card import CallRecord
from pi_companion.core.cues import Nudge
from pi_companion.core.effects import Effect
from pi_companion.core.facts import Fact
from pi_companion.core.phrases import Match
from pi_companion.core.states import LineState, Screen


@dataclass(frozen=True, slots=True, kw_only=True)
class Moment:
    """What holds as something happens.

    `call`: the call that is on, with what is known about it. `is_muted`: the customer cannot be expected to hear the
    agent: the lamp says so, or nobody knows. `is_waiting`: the customer was asked to wait, or does. `is_heard`: the
    tap works; `is_understood`: so does speech recognition. `occasion`: see `WallClockRead`.
    """

    line: LineState
    call: CallRecord | None
    is_muted: bool
    is_waiting: bool
    is_heard: bool
    is_understood: bool
    occasion: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class CallBegan:
    """Off-hook since `at`. `is_outbound`: dialled, not answered; `is_joined`: the device started during the call."""

    at: int
    is_outbound: bool = False
    is_joined: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class CallEnded:
    """On-hook since `at`; `Moment.call` is still the call that ended, and notes still go to its card."""

    at: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Rang:
    """A ring was counted: the `count`th of this ringing."""

    at: int
    count: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Spotted:
    """A phrase of the pack was said, by either side."""

    at: int
    match: Match


Happening = Fact | CallBegan | CallEnded | Rang | Spotted


@dataclass(frozen=True, slots=True, kw_only=True)
class Cue:
    """Show this for as long as it takes to read; it costs no budget. Not urgent: only when nothing else is on top."""

    rule: str
    text: str
    screen: Screen
    is_urgent: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Prompt:
    """Show this until it is dropped; it costs no budget.

    Urgent: no nudge comes over it. Not urgent: not while snoozed.
    """

    rule: str
    text: str
    screen: Screen
    is_urgent: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Drop:
    """What the rule asked for has happened, or has passed: its prompt goes, its waiting nudge is forgotten."""

    rule: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Praise:
    """Something was done well: a brief ✓, if nothing else is on the screen."""

    rule: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Note:
    """For the call card: the rule was kept, or not."""

    rule: str
    is_good: bool


Advice = Effect | Nudge | Cue | Prompt | Drop | Praise | Note


class Detector(Protocol):
    """Answers one question about how the agent works; pure, and silent about what it cannot know (law 10)."""

    def take(self, happening: Happening, moment: Moment) -> Iterable[Advice]:
        """Take what happened; return what follows, in order."""

    def deadline(self) -> int | None:
        """Return when time alone will matter."""

    def pass_deadline(self, at: int, moment: Moment) -> Iterable[Advice]:
        """Return what follows from the time being `at`; called whenever time moves, not only at the deadline."""
