"""What can things be? States of light, line, mute, hold and posture, and what a screen holds: words of the field."""

from dataclasses import dataclass
from enum import StrEnum


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
    AWAY = "away"


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


class Posture(StrEnum):
    """How the agent sits, as measured; `unknown`: no sensor, no calibration, or no steady reading."""

    UPRIGHT = "upright"
    SLOUCHED = "slouched"
    HUNCHED = "hunched"
    ABSENT = "absent"
    UNKNOWN = "unknown"


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
    AWAY = "away"
    REMINDER = "reminder"
    SILENT_CALL = "silent_call"
    PRAISE = "praise"
    CHECKLIST = "checklist"
    ANSWER = "answer"
    WHY = "why"
    SNOOZED = "snoozed"
    CALIBRATION = "calibration"
    STARTING = "starting"
    STOPPED = "stopped"
    CANNOT_START = "cannot_start"
    NOTICE = "notice"
    QUESTION = "question"
    PROGRESS = "progress"
    RESULT = "result"


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
