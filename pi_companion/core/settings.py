"""What is a desk, and what is a rule pack? The station with its meanings and ranges; rules, compiled.

`config.py` and `packs` build, validate and document files from these classes, so a field is declared once.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Annotated, Final

from pi_companion.core.declared import Field
from pi_companion.core.facts import Side
from pi_companion.core.limits import LONGEST_PULSE_MS, Limits


class RingSource(StrEnum):
    """What the ring sensor is on; `line` is the telephone line's ringing voltage."""

    LAMP = "lamp"
    RINGER = "ringer"
    LINE = "line"


class Language(StrEnum):
    """Languages of the screens."""

    CHINESE = "zh-CN"


@dataclass(frozen=True, slots=True, kw_only=True)
class Station:
    """One desk: who sits there, which phone and sensors it has, and what was calibrated at it."""

    agent_name: Annotated[
        str, Field("name or number said in the greeting; empty: the greeting is checked without it")
    ] = ""
    unit: Annotated[str, Field("the unit that answers, as the greeting names it")] = "电脑中心"
    extension: Annotated[str, Field("the desk phone's extension, shown while idle")] = ""
    language: Annotated[Language, Field("language of the screens")] = Language.CHINESE
    phone_type: Annotated[str, Field("make and model of the desk phone, for people; nothing depends on it")] = ""
    ring_source: Annotated[RingSource, Field("what the ring sensor is on, for people; nothing depends on it")] = (
        RingSource.LAMP
    )
    ring_period_ms: Annotated[
        int, Field("ring to ring on this phone, learned from three rings; 0: not known yet", 0, 20000)
    ] = 0
    mute_pulse_ms: Annotated[
        int,
        Field(
            "how long the MUTE contact closes on this phone, from `pi-companion board`; 0: as the rule pack says",
            0,
            LONGEST_PULSE_MS,
        ),
    ] = 0
    mute_lamp: Annotated[bool, Field("the phone's MUTE lamp is sensed; false: mute is only ever shown as assumed")] = (
        True
    )
    mute_key: Annotated[bool, Field("the MUTE key is wired; false: the device never presses, it asks the agent to")] = (
        True
    )
    customer_side: Annotated[
        bool, Field("the customer's voice is tapped; false: only the agent's, and what needs both sides is off")
    ] = True
    busy_lamp: Annotated[bool, Field("the phone's 小休 lamp is sensed")] = False
    seat_sensor: Annotated[bool, Field("a distance sensor is fitted; false: nothing is claimed about the seat")] = False
    seat_upright_mm: Annotated[
        int, Field("distance to the agent sitting upright, from `pi-companion calibrate`; 0: not calibrated", 0, 4000)
    ] = 0
    speaking_dbfs: Annotated[
        int, Field("level of the agent's usual voice, from `pi-companion calibrate`; 0: not calibrated", -96, 0)
    ] = 0
    pace_pct: Annotated[
        int, Field("characters read for each hundred counted, from `pi-companion calibrate`", 70, 150)
    ] = 100

    @property
    def names(self) -> Mapping[str, str]:
        """What `{agent_name}` and `{unit}` stand for in a rule pack."""
        return {"agent_name": self.agent_name, "unit": self.unit}


@dataclass(frozen=True, slots=True, kw_only=True)
class Token:
    """One place of a compiled phrase.

    `costs_pm`: for each syllable that may stand here, how wrong it would be, in per mille; any other costs 1000.
    `is_optional`: may be left out at no cost. `is_any`: any syllable may stand here at no cost.
    """

    costs_pm: Mapping[str, int]
    is_optional: bool = False
    is_any: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class CompiledPhrase:
    """A phrase of the pack as syllables.

    `text` is the pack's wording, reported as is. `literal`: if not empty, the recognised word must read exactly
    this (single syllables are too common to go by sound).
    """

    text: str
    tokens: tuple[Token, ...]
    literal: str = ""


class Family(StrEnum):
    """What the companion does with a rule's phrases; explained in `packs/README.md`."""

    TABOO = "taboo"
    PROMISE = "promise"
    OPENING_TABOO = "opening_taboo"
    GREETING = "greeting"
    APOLOGY = "apology"
    HOLD_REQUEST = "hold_request"
    CONSENT = "consent"
    REFUSAL = "refusal"
    CLOSING = "closing"
    WISH = "wish"
    STEP = "step"
    OUTBOUND = "outbound"
    WRONG_PERSON = "wrong_person"
    FAREWELL = "farewell"
    COMPLAINT = "complaint"
    LINE = "line"


NOTED: Final = frozenset(
    {Family.STEP, Family.OUTBOUND, Family.WRONG_PERSON, Family.FAREWELL, Family.COMPLAINT, Family.LINE}
)
"""What goes along with a call: neither a fault nor a duty, so it is reported as noted, not as a phrase to be judged."""


class Scope(StrEnum):
    """Names of where a phrase counts."""

    CALL = "call"
    FIRST_UTTERANCE = "first_utterance"
    AFTER_OPENING = "after_opening"
    WHOLE_UTTERANCE = "whole_utterance"


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """One row of the manual as the pack words it.

    `id`: stable id of call-handling.md. `family`: what the companion does with it (`packs/README.md`). `title`:
    the nudge's headline. `say`: what to say instead. `scope`: one of `Scope`. `excused_by`: polite forms; a match
    inside one of them is no fault.
    """

    id: str
    family: Family
    side: Side
    scope: Scope
    title: str
    say: str
    phrases: tuple[CompiledPhrase, ...]
    excused_by: tuple[CompiledPhrase, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class StandardAnswer:
    """An answer that the agent may look up with the page button; `pages`: as much as the OLED shows at once."""

    title: str
    pages: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Pack:
    """A rule pack, validated and compiled.

    `texts`: every other line the agent reads, by id. `answers`: standard answers on the page button. `reminders`:
    quiet ones while idle, each the rule's id and a text. `wishes`: what to wish before days off, by occasion.
    `acknowledgements`: syllables of the listener's 嗯 and 好的, that interrupt nobody.
    """

    name: str
    version: str
    limits: Limits
    rules: tuple[Rule, ...]
    texts: Mapping[str, str]
    answers: tuple[StandardAnswer, ...] = ()
    reminders: tuple[tuple[str, str], ...] = ()
    wishes: Mapping[str, str] = field(default_factory=dict)
    acknowledgements: frozenset[str] = frozenset()
