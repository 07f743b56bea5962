"""From when on does each rule count? Every threshold that a person may tune, with its meaning, unit and range.

`packs` builds, validates and documents files from these classes, so a limit is declared once. Times are integer
milliseconds, levels dBFS, rates characters a minute.
"""

from dataclasses import dataclass, field
from typing import Annotated, Final

from pi_companion.core.conduct_limits import (
    Away,
    Checklist,
    Emotion,
    Intonation,
    Loudness,
    Outbound,
    Restating,
    Seat,
    SilentCall,
    Turns,
)
from pi_companion.core.declared import Field
from pi_companion.core.states import PaceRate

LONGEST_PULSE_MS: Final = 160
"""The longest press that may be asked for: what the board's one-shot leaves uncut at every corner, a retry included.

Simulated circuit (hardware/circuits, MUTE contact); a test compares it with the figures.
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ringing:
    """RING-1, RING-2."""

    settle_ms: Annotated[int, Field("a ring line must be steady this long to count", 0, 500)] = 40
    burst_gap_ms: Annotated[int, Field("bursts closer than this are one ring (double-burst cadences)", 0, 2000)] = 800
    steady_ring_ms: Annotated[int, Field("length of one ring on a steady line", 1000, 10000)] = 3000
    period_ms: Annotated[
        int, Field("ring to ring before one was measured (mainland China: 1 s on, 4 s off)", 1000, 20000)
    ] = 6000
    overdue_ms: Annotated[int, Field("a ring this late after its period means ringing has stopped", 100, 10000)] = 600
    green_to: Annotated[int, Field("green up to this ring", 1, 20)] = 2
    amber_to: Annotated[int, Field("amber up to this ring, red past it; past it an apology is owed", 1, 20)] = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """Hook sensing, buttons and wrap-up."""

    settle_ms: Annotated[int, Field("the hook line must be steady this long", 0, 2000)] = 50
    button_settle_ms: Annotated[
        int, Field("a button must have been at rest for longer than this to be pressed: sooner it only bounces", 0, 500)
    ] = 50
    wrap_up_ms: Annotated[int, Field("how long the call card stays", 1000, 600000)] = 8000
    checklist_ms: Annotated[int, Field("how long the steps that were not heard are shown after it", 1000, 60000)] = 5000


@dataclass(frozen=True, slots=True, kw_only=True)
class Opening:
    """OPEN-1, OPEN-2."""

    greeting_due_ms: Annotated[
        int, Field("greeting owed this long after pick-up, if nothing is being said", 500, 20000)
    ] = 3000
    utterance_gap_ms: Annotated[int, Field("a pause up to this long does not end the first utterance", 0, 5000)] = 700


@dataclass(frozen=True, slots=True, kw_only=True)
class Pace:
    """VOICE-1. The manual's target is 120; see the README for why the edges are wide."""

    rate: Annotated[PaceRate, Field("denominator of the bar and the nudge: speaking, articulation or call")] = (
        PaceRate.SPEAKING
    )
    target_per_min: Annotated[int, Field("the manual's target, drawn as a mark in the bar", 30, 600)] = 120
    slow_below_per_min: Annotated[int, Field("dragging below this", 10, 600)] = 90
    fast_above_per_min: Annotated[int, Field("too fast above this", 60, 900)] = 340
    window_ms: Annotated[int, Field("pace is taken over this much of the denominator's time", 2000, 120000)] = 12000
    least_chars: Annotated[int, Field("nothing is shown before this many characters", 1, 200)] = 15
    sustained_ms: Annotated[int, Field("outside the band over this much time before a nudge", 0, 120000)] = 8000
    pause_ms: Annotated[int, Field("pauses up to this long belong to the turn (speaking rate)", 0, 5000)] = 1000
    signal_most_pct: Annotated[
        int, Field("the sound may raise the number of recognised syllables up to this much", 100, 1000)
    ] = 300


@dataclass(frozen=True, slots=True, kw_only=True)
class Hold:
    """HOLD-1 to HOLD-4."""

    answer_ms: Annotated[int, Field("how long the customer has to answer after the question", 1000, 60000)] = 8000
    short_answer_ms: Annotated[
        int, Field("an answer up to this long without clear words is asked about", 100, 5000)
    ] = 1500
    confirm_ms: Annotated[int, Field("how long the agent has to confirm an unclear answer by button", 1000, 60000)] = (
        8000
    )
    least_consent_syllables: Annotated[
        int, Field("a consent of fewer syllables is asked about: a single one is too easily heard for another", 1, 5)
    ] = 2
    long_consent_syllables: Annotated[
        int, Field("the second recogniser is believed alone from this many syllables of consent on", 1, 20)
    ] = 3
    near_consent_pm: Annotated[
        int, Field("likeness in per mille from which the first recogniser bears the second one out", 500, 1000)
    ] = 800
    sure_pct: Annotated[
        int, Field("confidence consent needs without a second one, or if the sound shows fewer syllables", 0, 100)
    ] = 90
    near_refusal_pm: Annotated[int, Field("likeness in per mille from which it may have been a refusal", 500, 1000)] = (
        750
    )
    clear_start_ms: Annotated[
        int, Field("sooner after the agent's voice than this the start of an answer may be lost (不可以)", 0, 5000)
    ] = 450
    syllable_ms: Annotated[
        int, Field("a consent that takes longer for each syllable heard in it is asked about", 100, 2000)
    ] = 350
    quieter_db: Annotated[
        int, Field("an answer more than this much quieter than the customer was before is asked about", 3, 60)
    ] = 12
    follow_up_ms: Annotated[
        int,
        Field("once the agent has spoken on for longer than this after the question, consent is asked about", 0, 20000),
    ] = 1000
    remind_ms: Annotated[tuple[int, ...], Field("waiting times at which the agent is reminded", 1000, 600000)] = (
        30000,
        60000,
        120000,
        180000,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Mute:
    """HOLD-2, HOLD-5."""

    pulse_ms: Annotated[int, Field("how long the contact closes", 40, LONGEST_PULSE_MS)] = 120
    gap_ms: Annotated[int, Field("the contact stays open at least this long between two presses", 50, 2000)] = 200
    confirm_ms: Annotated[int, Field("how long the lamp has to follow a press", 100, 5000)] = 600
    lit_settle_ms: Annotated[
        int, Field("the lamp must be lit this long to be believed; dark is believed at once", 0, 200)
    ] = 20
    reversal_ms: Annotated[int, Field("a lamp that turns back this soon after a press disputes it", 0, 5000)] = 800
    flicker_turns: Annotated[
        int, Field("a lamp that turns more often than this in flicker_ms flickers, and is not believed", 3, 50)
    ] = 6
    flicker_ms: Annotated[int, Field("see flicker_turns", 500, 60000)] = 5000
    flicker_over_ms: Annotated[
        int, Field("a lamp that flickered must hold still this long to be believed", 200, 60000)
    ] = 2000


@dataclass(frozen=True, slots=True, kw_only=True)
class Closing:
    """CLOSE-1 to CLOSE-3."""

    window_ms: Annotated[int, Field("a closing counts if it was said this long before hanging up", 1000, 600000)] = (
        30000
    )
    line_clear_ms: Annotated[
        int,
        Field(
            "the customer silent for this long after the closing may have hung up: nothing is held against it", 0, 60000
        ),
    ] = 3000
    goodbye_clear_ms: Annotated[int, Field("… and this long after the customer's own goodbye", 0, 60000)] = 1000
    goodbye_most_ms: Annotated[
        int, Field("what the customer says after the agent's closing, up to this long, is a goodbye", 0, 10000)
    ] = 1500
    line_ms: Annotated[int, Field("the line to close with stays this long, if it is not said before", 1000, 60000)] = (
        15000
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class CallTime:
    """TIME-1. Hold time counts."""

    warn_ms: Annotated[int, Field("expect to exceed: consider dispatching", 10000, 7200000)] = 300000
    limit_ms: Annotated[int, Field("hand over to an on-site engineer", 10000, 7200000)] = 480000
    grace_ms: Annotated[int, Field("a call that ends this soon after counts as handed over", 0, 600000)] = 60000


@dataclass(frozen=True, slots=True, kw_only=True)
class Cueing:
    """How often and how long the agent may be disturbed (law 8)."""

    budget_ms: Annotated[int, Field("at most one new nudge in this time; mute and safety excepted", 0, 600000)] = 60000
    refractory_ms: Annotated[int, Field("the same rule is not nudged again within this time", 0, 3600000)] = 120000
    shown_ms: Annotated[int, Field("least time a nudge or cue stays", 1000, 60000)] = 4000
    per_char_ms: Annotated[int, Field("more time for each character to read", 0, 1000)] = 200
    snooze_ms: Annotated[int, Field("how long the snooze button keeps nudges away outside calls", 1000, 7200000)] = (
        600000
    )
    praise_ms: Annotated[int, Field("how long a ✓ is shown", 500, 10000)] = 1500
    page_ms: Annotated[int, Field("how long what the page button shows stays", 2000, 120000)] = 12000
    rank: Annotated[tuple[str, ...], Field("rules, or how their ids begin, the one worth most first")] = (
        "EMO",
        "PROMISE",
        "TABOO",
        "OPEN",
        "SAY",
        "LISTEN-1",
        "TIME",
        "LISTEN",
        "CLOSE",
        "RING",
        "VOICE",
        "POSTURE",
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Idle:
    """What the panel does while nothing happens, and its brightness by the time of day."""

    reminder_ms: Annotated[int, Field("a quiet reminder takes the next one's place after this long", 5000, 3600000)] = (
        30000
    )
    dim_ms: Annotated[int, Field("on-hook for this long: the panel is dimmed", 1000, 7200000)] = 120000
    shift_ms: Annotated[int, Field("the picture moves by a pixel after each of these", 1000, 3600000)] = 60000
    day_pct: Annotated[int, Field("brightness by day", 1, 100)] = 100
    night_pct: Annotated[int, Field("brightness by night", 1, 100)] = 40
    dim_pct: Annotated[int, Field("brightness while dimmed, never more than by day or night", 1, 100)] = 15
    day_from_minute: Annotated[int, Field("minute of the day at which day begins; 420 is 07:00", 0, 1439)] = 420
    night_from_minute: Annotated[int, Field("minute of the day at which night begins; 1140 is 19:00", 0, 1439)] = 1140


@dataclass(frozen=True, slots=True, kw_only=True)
class Spotting:
    """Phrase spotting."""

    least_score_pm: Annotated[
        tuple[int, ...],
        Field(
            "least likeness in per mille for phrases of 1, 2, 3 … syllables; the last holds for longer ones", 500, 1000
        ),
    ] = (1000, 1000, 900, 900, 840, 840, 800)
    agreed_pm: Annotated[int, Field("two recognisers that agree may fall this far short of it on average", 0, 200)] = 60
    agreed_worst_pm: Annotated[int, Field("… and neither further than this", 0, 500)] = 200
    agreed_from_syllables: Annotated[int, Field("… in phrases from this length on", 1, 20)] = 3
    bridge_ms: Annotated[int, Field("a phrase may go on after a pause up to this long", 0, 5000)] = 900


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """Every threshold of the rules, by group."""

    ringing: Ringing = field(default_factory=Ringing)
    line: Line = field(default_factory=Line)
    opening: Opening = field(default_factory=Opening)
    pace: Pace = field(default_factory=Pace)
    hold: Hold = field(default_factory=Hold)
    mute: Mute = field(default_factory=Mute)
    closing: Closing = field(default_factory=Closing)
    call_time: CallTime = field(default_factory=CallTime)
    outbound: Outbound = field(default_factory=Outbound)
    checklist: Checklist = field(default_factory=Checklist)
    turns: Turns = field(default_factory=Turns)
    restating: Restating = field(default_factory=Restating)
    loudness: Loudness = field(default_factory=Loudness)
    intonation: Intonation = field(default_factory=Intonation)
    emotion: Emotion = field(default_factory=Emotion)
    silent_call: SilentCall = field(default_factory=SilentCall)
    seat: Seat = field(default_factory=Seat)
    away: Away = field(default_factory=Away)
    cueing: Cueing = field(default_factory=Cueing)
    idle: Idle = field(default_factory=Idle)
    spotting: Spotting = field(default_factory=Spotting)
