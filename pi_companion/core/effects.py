"""What the companion asks for and reports: every output, imperative for requests, past tense for detections.

Keeps law 5: an effect is a request, never a claim that it worked. Requests (`SetLeds`, `ShowScreen`,
`PressMute`, `ReleaseMute`) are performed by adapters; the rest is reported to the event stream, the terminal
and, later, telemetry.
"""

from dataclasses import dataclass
from enum import StrEnum

from pi_companion.core.facts import Part, Side


class Light(StrEnum):
    """What one LED does. `blink` is 1 Hz, `blink_fast` 4 Hz; both begin lit."""

    OFF = "off"
    ON = "on"
    BLINK = "blink"
    BLINK_FAST = "blink_fast"


class LineState(StrEnum):
    """The phone line as the device sees it."""

    ON_HOOK = "on_hook"
    RINGING = "ringing"
    CONNECTED = "connected"
    ON_HOLD = "on_hold"
    WRAP_UP = "wrap_up"


class MuteState(StrEnum):
    """The agent's microphone as sensed; `unknown` and `disputed` are honest answers."""

    UNKNOWN = "unknown"
    LIVE = "live"
    PRESSING = "pressing"
    MUTED = "muted"
    DISPUTED = "disputed"


class HoldState(StrEnum):
    """Milestones of a consultation."""

    REQUESTED = "requested"
    CONSENTED = "consented"
    REFUSED = "refused"
    BEGAN = "began"
    ENDED = "ended"


class PaceRate(StrEnum):
    """Which time the characters are divided by; defined in the README."""

    SPEAKING = "speaking"
    ARTICULATION = "articulation"
    CALL = "call"


class ScreenName(StrEnum):
    """Every screen the OLED can show; `adapters/draw.py` has a layout for each."""

    IDLE = "idle"
    RINGING = "ringing"
    APOLOGISE = "apologise"
    IN_CALL = "in_call"
    NUDGE = "nudge"
    CONSENT = "consent"
    CONFIRM = "confirm"
    MUTED = "muted"
    MUTE_UNCONFIRMED = "mute_unconfirmed"
    SCRIPT = "script"
    CALL_CARD = "call_card"
    SPEECH_OFF = "speech_off"
    FAULT = "fault"


@dataclass(frozen=True, slots=True, kw_only=True)
class PaceBar:
    """The pace bar: all in characters a minute; `value` None while too little was heard to say."""

    value: int | None
    slow_below: int
    fast_above: int
    target: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Screen:
    """One OLED picture as text.

    `lines`: the texts, in the order of the screen's layout. `bar`: the pace bar where the screen has one.
    `is_microphone_muted`: True only while the lamp says so, False only while it says live, None when unknown.
    """

    name: ScreenName
    lines: tuple[str, ...]
    bar: PaceBar | None = None
    is_microphone_muted: bool | None = None


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
class NudgeShown(Effect):
    """The agent is asked to change something, now, on the OLED."""

    rule: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class NudgeWithheld(Effect):
    """A nudge was due and the arbiter kept quiet; `reason`: budget, refractory or covered."""

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
    `hold_apology_*`: the one owed after a consultation (HOLD-3).
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
