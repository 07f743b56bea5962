"""What the companion asks for and reports: every output, imperative for requests, past tense for detections.

Keeps law 5: an effect is a request, never a claim that it worked. Requests (`SetLeds`, `ShowScreen`,
`PressMute`, `ReleaseMute`) are performed by adapters; the rest is reported to the event stream, the terminal
and, later, telemetry.
"""

from dataclasses import dataclass

from pi_companion.core.facts import Part, Side
from pi_companion.core.states import HoldState, Light, LineState, MuteState, PaceRate, Posture, Screen


@dataclass(frozen=True, slots=True, kw_only=True)
class Effect:
    """A request or a detection. `at`: when it was decided, milliseconds since the session began."""

    at: int


# Requests: what adapters perform.


@dataclass(frozen=True, slots=True, kw_only=True)
class SetLeds(Effect):
    """Set all four LEDs. They go dark at `lease_until` unless set again (law 7); None: all are off anyway."""

    green: Light
    amber: Light
    red: Light
    mute: Light
    lease_until: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ShowScreen(Effect):
    """Show this picture on the OLED."""

    screen: Screen


@dataclass(frozen=True, slots=True, kw_only=True)
class PressMute(Effect):
    """Close the MUTE contact. The adapter opens it after `pulse_ms` by itself, whatever happens (law 6)."""

    pulse_ms: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ReleaseMute(Effect):
    """Open the MUTE contact, whether or not it is closed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SetPanel(Effect):
    """Show every picture so from now on: `brightness_pct` of the panel's contrast, 0 dark.

    `shift`: how many pixels right and down, x and y, so that nothing burns in.
    """

    brightness_pct: int
    shift: tuple[int, int]


# Detections: what is reported. Field names are those of the event stream.


@dataclass(frozen=True, slots=True, kw_only=True)
class RingCounted(Effect):
    """A ring began; `count` since ringing started (RING-1)."""

    count: int


@dataclass(frozen=True, slots=True, kw_only=True)
class CallAnswered(Effect):
    """Picked up while ringing, `after_ms` since the first ring began."""

    rings: int
    after_ms: int


@dataclass(frozen=True, slots=True, kw_only=True)
class CallMissed(Effect):
    """Ringing stopped without an answer."""

    rings: int


@dataclass(frozen=True, slots=True, kw_only=True)
class CadenceLearned(Effect):
    """Three rings came alike (station profile); `period_ms`: ring to ring, 0: the line stays active all along."""

    period_ms: int


@dataclass(frozen=True, slots=True, kw_only=True)
class EmptySeatRang(Effect):
    """The phone rang at an empty seat (RING-3); `count` of such calls since the session began."""

    count: int


@dataclass(frozen=True, slots=True, kw_only=True)
class OutboundBegan(Effect):
    """Picked up without a ring (OUT-1)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LineStateChanged(Effect):
    """The line is in another state now."""

    state: LineState


@dataclass(frozen=True, slots=True, kw_only=True)
class SpurtReported(Effect):
    """A talk spurt is complete."""

    side: Side
    began: int
    ended: int


@dataclass(frozen=True, slots=True, kw_only=True)
class PhraseSpotted(Effect):
    """A phrase of the pack was said.

    `phrase` is the pack's wording, never what was recognised. `score_pm`: likeness in per mille.
    """

    rule: str
    side: Side
    phrase: str
    began: int
    ended: int
    score_pm: int


@dataclass(frozen=True, slots=True, kw_only=True)
class PhraseNoted(Effect):
    """Words that go along with a call were said: a step of the checklist, a farewell, a complaint (`NOTED`)."""

    rule: str
    side: Side
    phrase: str
    began: int
    ended: int


@dataclass(frozen=True, slots=True, kw_only=True)
class PaceMeasured(Effect):
    """The agent's pace over the last `over_ms` of the named denominator (VOICE-1)."""

    chars_per_min: int
    over_ms: int
    rate: PaceRate


@dataclass(frozen=True, slots=True, kw_only=True)
class LevelMeasured(Effect):
    """Mean levels of the last spurts; None: that side has not spoken."""

    agent_dbfs: int | None
    customer_dbfs: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class BargedIn(Effect):
    """`by` began to talk while the other side was talking, and kept on: told when the overlap is over (LISTEN-1)."""

    by: Side
    overlap_ms: int


@dataclass(frozen=True, slots=True, kw_only=True)
class DeadAirReached(Effect):
    """Neither side has talked for `for_ms`, connected and not on hold (LISTEN-6)."""

    for_ms: int


@dataclass(frozen=True, slots=True, kw_only=True)
class MonologueReached(Effect):
    """The customer has held the floor for `for_ms` without a sound of the agent (LISTEN-2)."""

    for_ms: int


@dataclass(frozen=True, slots=True, kw_only=True)
class IntonationMeasured(Effect):
    """How far the agent's pitch reaches: its middle part in tenths of a semitone over `over_ms` of voice (VOICE-3)."""

    span_tenths: int
    over_ms: int


@dataclass(frozen=True, slots=True, kw_only=True)
class PostureChanged(Effect):
    """How the agent sits, by the distance sensor (POSTURE-1); `unknown` is an honest answer."""

    state: Posture


@dataclass(frozen=True, slots=True, kw_only=True)
class NudgeShown(Effect):
    """The agent is asked to change something, now, on the OLED."""

    rule: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class NudgeWithheld(Effect):
    """A nudge was due and the arbiter kept quiet.

    `reason`: budget, refractory, covered, outranked, superseded, call_began or call_over.
    """

    rule: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CueShown(Effect):
    """A script line, prompt or confirmation is on the OLED."""

    rule: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class MuteChanged(Effect):
    """The mute machine moved; `shown` is exactly what the agent reads about it, empty if nothing."""

    state: MuteState
    shown: str


@dataclass(frozen=True, slots=True, kw_only=True)
class HoldChanged(Effect):
    """A milestone of a consultation; `for_ms` only with `ended`: how long the customer waited."""

    state: HoldState
    for_ms: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class FaultRaised(Effect):
    """A part is lost; what depends on it is unknown."""

    part: Part
    detail: str


@dataclass(frozen=True, slots=True, kw_only=True)
class FaultCleared(Effect):
    """A lost part answers again."""

    part: Part
    detail: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CallCard(Effect):
    """The summary after a call. `None` in a field: it could not be measured or was not due.

    `taboo`: never-say phrases and promises of a time. `apology_*`: the apology owed for a late answer (RING-2).
    `hold_apology_*`: the one owed after a consultation (HOLD-3). `wish`: the one before days off (CLOSE-2).
    `customer_hung_up_first`: CLOSE-3. `steps_missed`: names of the checklist's steps that were not heard (FLOW-1).
    `well`, `improve`: the rules kept and not kept, each once.
    """

    rings: int
    talk_ms: int
    hold_ms: int
    chars_per_min: int | None
    taboo: int | None
    opening: bool | None
    closing: bool | None
    apology_due: bool
    apology_given: bool | None
    hold_apology_due: bool
    hold_apology_given: bool | None
    wish: bool | None = None
    customer_hung_up_first: bool | None = None
    steps_missed: tuple[str, ...] = ()
    well: tuple[str, ...] = ()
    improve: tuple[str, ...] = ()
