"""What happened: every input of the companion, in the past tense.

Keeps law 2 (time is an argument): each fact carries `at`, integer milliseconds since the session began, the
moment the device knew. Law 10: lost input is a fact too (`PartLost`), never a zero.
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final


class Side(StrEnum):
    """Whose voice: LEFT channel is the agent's microphone, RIGHT the customer's earpiece."""

    AGENT = "agent"
    CUSTOMER = "customer"


class Button(StrEnum):
    """The three buttons of the device; a fact is one short press."""

    RESUME = "resume"
    PAGE = "page"
    SNOOZE = "snooze"


class Part(StrEnum):
    """Parts that can be lost and found again while the rest keeps working.

    `sides` is lost while the channels of the tap are swapped: nobody knows whose voice is whose.
    """

    TAP = "tap"
    SEAT = "seat"
    OLED = "oled"
    MUTE_LAMP = "lamp"
    SPEECH = "speech"
    SIDES = "sides"


HEARING: Final = frozenset({Part.TAP, Part.SIDES})
"""Without one of these nobody is known to talk or to be silent."""


class FactOutOfOrder(ValueError):
    """A fact older than the last one was handed in; nothing was changed (law 2). A defect of the shell."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Fact:
    """Something that happened. `at`: when the device knew it, milliseconds since the session began."""

    at: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Tick(Fact):
    """The deadline that `Companion.deadline` named has passed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RingLineChanged(Fact):
    """An edge of the ring sensor, not debounced: active while the bell (or its lamp) is driven."""

    is_active: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class HookChanged(Fact):
    """An edge of the hook sensor, not debounced."""

    is_off_hook: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class MuteLampChanged(Fact):
    """An edge of the phone's MUTE lamp as sensed, not debounced. The only truth about mute (law 5)."""

    is_lit: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class BusyLampChanged(Fact):
    """An edge of the phone's 小休 (away) lamp, not debounced; comes only where it is wired (RING-4)."""

    is_lit: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class WallClockRead(Fact):
    """What the clock on the wall and the calendar say, at the start, at midnight and after the clock was set.

    `minute_of_day`: 0 to 1439, local time. `occasion`: what today or tomorrow is free for: "weekend", a public
    holiday's Chinese name (春节), or empty on a day with work tomorrow.
    """

    minute_of_day: int
    occasion: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SeatMeasured(Fact):
    """The distance sensor's reading in millimetres; None: it is there and got no echo."""

    distance_mm: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ButtonPressed(Fact):
    """One of the device's own buttons went down, not debounced."""

    button: Button


@dataclass(frozen=True, slots=True, kw_only=True)
class ButtonReleased(Fact):
    """One of the device's own buttons came up, not debounced: what goes down right after it only bounces."""

    button: Button


@dataclass(frozen=True, slots=True, kw_only=True)
class PartLost(Fact):
    """A part stopped answering: what depends on it is unknown from now on. `detail` is for people."""

    part: Part
    detail: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PartFound(Fact):
    """A lost part answers again."""

    part: Part


@dataclass(frozen=True, slots=True, kw_only=True)
class TalkSpurtBegan(Fact):
    """One side started to talk. `began`: when its first voiced frame started (before `at`: onset takes time)."""

    side: Side
    began: int


@dataclass(frozen=True, slots=True, kw_only=True)
class TalkSpurtEnded(Fact):
    """One side fell silent for longer than the hangover.

    `began`, `ended`: bounds of the voiced frames. `level_dbfs`: mean level over the voiced frames, whole dB
    below full scale. `nuclei`: syllables that its sound alone shows, without recognising any; the sound hides more
    than it invents, so 0 claims nothing. `pitches_cents`: of the agent's voiced frames that have a clear pitch, one
    each 20 ms, in cents above 55 Hz (1200 is an octave). `treble_db`: how much of the sound is above the telephone's
    band, against what is in it; None: not measured. All `WordsHeard` of this spurt came before.
    """

    side: Side
    began: int
    ended: int
    level_dbfs: int
    nuclei: int = 0
    pitches_cents: tuple[int, ...] = ()
    treble_db: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SignalChanged(Fact):
    """Nothing but zeros have come from one side for half a minute, not even noise; or something comes again."""

    side: Side
    is_there: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class BusyToneHeard(Fact):
    """The exchange says on the customer's side that they have hung up; its first burst began at `began` (CLOSE-3)."""

    began: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Word:
    """A recognised word.

    `syllables`: toneless pinyin, one per character that has a reading; empty for a word without one.
    `began`, `ended`: session milliseconds. `confidence_pct`: 0 to 100 as the recogniser gave it.
    """

    text: str
    syllables: tuple[str, ...]
    began: int
    ended: int
    confidence_pct: int


@dataclass(frozen=True, slots=True, kw_only=True)
class WordsHeard(Fact):
    """What the recogniser makes of one side's utterance so far.

    `words` is the whole hypothesis since the last final one of this side: a later fact replaces an earlier
    one until `is_final`. `second`: what a second recogniser, that knows only the pack's phrases and single
    syllables, makes of the whole utterance so far, its best hypothesis first; empty if there is none. Lives in
    memory only (law 9).
    """

    side: Side
    words: tuple[Word, ...]
    is_final: bool
    second: tuple[tuple[Word, ...], ...] = ()
