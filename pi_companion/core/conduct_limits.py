"""From when on do the rules of listening, speaking and sitting count? Their thresholds; others are in `limits.py`."""

from dataclasses import dataclass
from typing import Annotated

from pi_companion.core.declared import Field


@dataclass(frozen=True, slots=True, kw_only=True)
class Seat:
    """RING-3, POSTURE-1. Distances are from the sensor; postures are measured from the calibrated upright one."""

    absent_mm: Annotated[int, Field("farther than this, or no echo, nobody sits there", 300, 4000)] = 1200
    absent_ms: Annotated[int, Field("… for this long", 500, 60000)] = 3000
    empty_ms: Annotated[int, Field("seat empty this long while on duty before a nudge", 1000, 3600000)] = 60000
    hunched_mm: Annotated[int, Field("nearer than upright by more than this is hunched forward", 20, 1000)] = 120
    slouched_mm: Annotated[int, Field("farther than upright by more than this is slouched back", 20, 1000)] = 150
    settle_ms: Annotated[int, Field("a posture must hold this long to be believed", 100, 60000)] = 3000
    sustained_ms: Annotated[int, Field("slouched or hunched this long before a nudge", 1000, 3600000)] = 30000
    stale_ms: Annotated[int, Field("without a reading for this long the posture is unknown", 500, 600000)] = 10000


@dataclass(frozen=True, slots=True, kw_only=True)
class Away:
    """RING-4, where the phone's 小休 lamp is wired."""

    remind_ms: Annotated[
        int, Field("in 小休 for longer than this: a reminder, and again after as long", 60000, 7200000)
    ] = 900000


@dataclass(frozen=True, slots=True, kw_only=True)
class SilentCall:
    """OPEN-3."""

    step_ms: Annotated[int, Field("silence before each line of the script is due", 1000, 60000)] = 5000


@dataclass(frozen=True, slots=True, kw_only=True)
class Outbound:
    """OUT-1."""

    ask_ms: Annotated[
        int, Field("the first line stays this long: dialling and waiting for an answer take time", 1000, 600000)
    ] = 60000
    line_ms: Annotated[int, Field("each next line stays this long, if it is not said before", 1000, 60000)] = 15000


@dataclass(frozen=True, slots=True, kw_only=True)
class Checklist:
    """FLOW-1."""

    least_ms: Annotated[int, Field("in a shorter call not every step can be expected", 0, 600000)] = 30000


@dataclass(frozen=True, slots=True, kw_only=True)
class Turns:
    """LISTEN-1, LISTEN-2, LISTEN-6."""

    barge_in_ms: Annotated[int, Field("both talk for this long, the agent second: an interruption", 200, 10000)] = 1000
    at_once_ms: Annotated[
        int, Field("who begins less than this after the other begins at the same time and interrupts nobody", 0, 2000)
    ] = 300
    monologue_ms: Annotated[int, Field("the customer talks this long without a sound of the agent", 3000, 300000)] = (
        15000
    )
    floor_gap_ms: Annotated[int, Field("a pause of the customer up to this long keeps the floor", 0, 10000)] = 2000
    dead_air_ms: Annotated[int, Field("neither talks for this long: dead air", 2000, 120000)] = 8000


@dataclass(frozen=True, slots=True, kw_only=True)
class Restating:
    """LISTEN-3."""

    least_digits: Annotated[int, Field("a number of fewer digits need not be repeated", 2, 20)] = 4
    within_ms: Annotated[int, Field("how long the agent has to repeat it, once the customer is done", 1000, 300000)] = (
        20000
    )
    like_pm: Annotated[
        int, Field("a number this like the customer's counts as repeated: recognition may err", 500, 1000)
    ] = 700
    join_ms: Annotated[int, Field("groups of digits with pauses up to this long are one number", 0, 10000)] = 1500
    sure_pct: Annotated[int, Field("what is recognised with less confidence is not asked for", 0, 100)] = 80
    exact_pct: Annotated[
        int, Field("with less confidence on either side any number or time of the agent's counts as repeating", 0, 100)
    ] = 95


@dataclass(frozen=True, slots=True, kw_only=True)
class Loudness:
    """VOICE-2, VOICE-5: in decibels over or under the agent's calibrated voice."""

    loud_db: Annotated[int, Field("louder than usual, and than the customer asks for, by more than this", 2, 40)] = 8
    quiet_db: Annotated[int, Field("quieter than usual, and than the customer is, by more than this", 2, 40)] = 10
    follow_db: Annotated[int, Field("a loud or soft customer moves what is right by this much at most", 0, 20)] = 6
    sustained_ms: Annotated[int, Field("… over this much of the agent's speech before a nudge", 1000, 120000)] = 10000
    hush_on_hook: Annotated[bool, Field("VOICE-5: ask for quiet when the agent talks loudly on-hook")] = False
    hush_db: Annotated[int, Field("VOICE-5: loud from this much over the usual voice on", 0, 40)] = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Intonation:
    """VOICE-3. The span is that of the middle four fifths of the pitches, in semitones."""

    window_ms: Annotated[int, Field("pitch is looked at over this much time", 10000, 600000)] = 180000
    least_voiced_ms: Annotated[int, Field("nothing is said before this much clear pitch", 1000, 300000)] = 20000
    flat_below_tenths: Annotated[int, Field("a span of fewer tenths of a semitone is flat", 5, 200)] = 30


@dataclass(frozen=True, slots=True, kw_only=True)
class Emotion:
    """EMO-1."""

    raised_db: Annotated[
        int, Field("louder than this customer was before by more than this is a raised voice", 2, 40)
    ] = 6
    baseline_spurts: Annotated[int, Field("utterances before a customer's usual level is known", 1, 20)] = 3
    together_ms: Annotated[int, Field("a complaint and another sign of anger within this time count", 1000, 600000)] = (
        60000
    )
