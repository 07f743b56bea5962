"""What does this hotline want said, and what not? Loads a rule pack: limits, texts and phrases, all validated.

A pack is one TOML file that a person without a programmer can edit; `README.md` beside this file says how.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Annotated, Final

from pi_companion import schema
from pi_companion.core.declared import Field
from pi_companion.core.facts import Side
from pi_companion.core.limits import Limits
from pi_companion.core.settings import CompiledPhrase, Family, Pack, Rule, Scope, StandardAnswer, Station
from pi_companion.errors import ConfigError, PackError
from pi_companion.packs.checks import LIMIT_CHECKS
from pi_companion.packs.texts import (
    LONGEST_LINE,
    REQUIRED_TEXTS,
    STATION_NAMES,
    filled,
    read_texts,
    read_wishes,
    stray_names,
)
from pi_companion.speech.phonetics import PhraseError, compile_phrase, syllables

__all__ = ["BUNDLED", "REQUIRED_TEXTS", "Family", "Overrides", "load_pack"]

BUNDLED: Final = Path(__file__).with_name("it-helpdesk-zh.toml")
FORMAT: Final = 1
LONGEST_PHRASE: Final = 120
"""Characters of a phrase as it is written; what is longer no caller says in one breath."""

LONGEST_TITLE: Final = 8
"""Characters of a headline in one line of large type on the 128x64 screen."""


_FAULTS: Final = frozenset({Family.TABOO, Family.PROMISE, Family.OPENING_TABOO})
_TITLED: Final = frozenset({*_FAULTS, Family.STEP})
_CUSTOMERS: Final = frozenset(
    {Family.CONSENT, Family.REFUSAL, Family.WRONG_PERSON, Family.FAREWELL, Family.COMPLAINT, Family.LINE}
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Overrides:
    """Limits that a station sets otherwise, by group and name, as TOML has them; `source`: the file they stand in."""

    limits: Mapping[str, Mapping[str, object]]
    source: str


@dataclass(frozen=True, slots=True, kw_only=True)
class _RuleForm:
    """A rule as it is written."""

    id: Annotated[str, Field("id of the row in the manual")]
    family: Annotated[Family, Field("what the device does with it")]
    side: Annotated[Side, Field("who says it")] = Side.AGENT
    scope: Annotated[Scope, Field("where it counts")] = Scope.CALL
    title: Annotated[str, Field("headline of the nudge")] = ""
    say: Annotated[str, Field("what to say instead")] = ""
    phrases: Annotated[tuple[str, ...], Field("what is listened for")]
    excused_by: Annotated[tuple[str, ...], Field("polite forms inside which it is no fault")] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class _ReminderForm:
    """A quiet reminder as it is written."""

    rule: Annotated[str, Field("id of the row in the manual")]
    text: Annotated[str, Field("what is shown while idle")]


@dataclass(frozen=True, slots=True, kw_only=True)
class _AnswerForm:
    """A standard answer as it is written."""

    title: Annotated[str, Field("headline of its pages")]
    pages: Annotated[tuple[str, ...], Field("what the agent may say, as much as one screen holds")]


@dataclass(frozen=True, slots=True, kw_only=True)
class _ListeningForm:
    """What a listener says."""

    acknowledgements: Annotated[tuple[str, ...], Field("words that interrupt nobody")] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class _PackForm:
    """A pack file as it is written, texts apart."""

    format: Annotated[int, Field("version of the file's form", FORMAT, FORMAT)]
    name: Annotated[str, Field("name of the pack")]
    version: Annotated[str, Field("version of its content")]
    limits: Limits = field(default_factory=Limits)
    listening: _ListeningForm = field(default_factory=_ListeningForm)
    reminder: tuple[_ReminderForm, ...] = ()
    answer: tuple[_AnswerForm, ...] = ()
    rule: tuple[_RuleForm, ...]


def load_pack(path: Path | None = None, *, names: Mapping[str, str], overrides: Overrides | None = None) -> Pack:
    """Return the pack in a file, or the bundled one, for one station.

    `names`: what `{agent_name}` and `{unit}` stand for (`Station.names`); one left out is as a
    nameless station has it. `overrides`: limits that the station sets otherwise. Raises `PackError` with every
    complaint about the pack, `ConfigError` with every one about the overrides.
    """
    source, names = path or BUNDLED, {**Station().names, **names}
    raw = schema.read_toml(source, PackError)
    texts, complaints = read_texts(raw.pop("texts", {}), names)
    wishes, wish_complaints = read_wishes(raw.pop("wishes", {}))
    complaints += wish_complaints
    form, form_complaints = schema.build(_PackForm, raw, checks=LIMIT_CHECKS)
    complaints += form_complaints
    rules: list[Rule] = []
    if form is not None:
        complaints += [*_misfits(form.rule), *_long_texts(form)]
        rules = [
            _rule(f"rule[{number} {each.id}]", each, names, complaints) for number, each in enumerate(form.rule, 1)
        ]
    if form is None or complaints:
        raise PackError(source, complaints)
    return Pack(
        name=form.name,
        version=form.version,
        limits=form.limits if overrides is None else _overridden(form.limits, overrides),
        rules=tuple(rules),
        texts=texts,
        answers=tuple(StandardAnswer(title=each.title, pages=each.pages) for each in form.answer),
        reminders=tuple((each.rule, each.text) for each in form.reminder),
        wishes=wishes,
        acknowledgements=frozenset(sound for text in form.listening.acknowledgements for sound in syllables(text)),
    )


def _overridden(limits: Limits, overrides: Overrides) -> Limits:
    """Return the pack's limits with the station's over them, checked as the pack's are."""
    raw = {
        group.name: {**schema.values(getattr(limits, group.name)), **overrides.limits.get(group.name, {})}
        for group in fields(limits)
    }
    settled, complaints = schema.build(Limits, raw, checks=LIMIT_CHECKS, table="limits")
    if settled is None:
        raise ConfigError(overrides.source, complaints)
    return settled


def _long_texts(form: _PackForm) -> list[str]:
    """Return what is too long for its screen, or not there."""
    complaints = []
    for number, answer in enumerate(form.answer, 1):
        texts = [("title", answer.title, LONGEST_TITLE)]
        texts += [(f"pages[{place}]", page, LONGEST_LINE) for place, page in enumerate(answer.pages, 1)]
        complaints += [
            f'answer[{number}].{key}: found "{text}"; allowed: 1 to {most} characters'
            for key, text, most in texts
            if not 0 < len(text) <= most
        ]
        if not answer.pages:
            complaints.append(f"answer[{number}].pages: empty; an answer has at least one page")
    complaints += [
        f'reminder[{number}].text: found "{reminder.text}"; allowed: 1 to {LONGEST_LINE} characters'
        for number, reminder in enumerate(form.reminder, 1)
        if not 0 < len(reminder.text) <= LONGEST_LINE
    ]
    return complaints


def _misfits(rules: Iterable[_RuleForm]) -> list[str]:
    """Return what is wrong with rules whose fields are each of the right kind."""
    complaints = []
    said: dict[tuple[str, Family, str], str] = {}
    for number, rule in enumerate(rules, 1):
        where = f"rule[{number} {rule.id}]"
        side = Side.CUSTOMER if rule.family in _CUSTOMERS else Side.AGENT
        if rule.side is not side:
            complaints.append(f'{where}.side: found "{rule.side}"; family "{rule.family}" is what the {side} says')
        if rule.family in _TITLED and not 0 < len(rule.title) <= LONGEST_TITLE:
            complaints.append(f'{where}.title: found "{rule.title}"; allowed: 1 to {LONGEST_TITLE} characters')
        if len(rule.say) > LONGEST_LINE:
            complaints.append(f"{where}.say: {len(rule.say)} characters; allowed: up to {LONGEST_LINE}")
        complaints += stray_names(f"{where}.title", rule.title, STATION_NAMES)
        complaints += stray_names(f"{where}.say", rule.say, STATION_NAMES)
        if not rule.phrases:
            complaints.append(f"{where}.phrases: empty; a rule listens for at least one phrase")
        for place, phrase in enumerate(rule.phrases, 1):
            first = said.setdefault((rule.id, rule.family, phrase), f"{where}.phrases[{place}]")
            if first != f"{where}.phrases[{place}]":
                complaints.append(f"{where}.phrases[{place}]: “{phrase}” is already at {first}")
    return complaints


def _rule(where: str, form: _RuleForm, names: Mapping[str, str], complaints: list[str]) -> Rule:
    """Return the rule compiled; what cannot be compiled goes to `complaints`."""

    def compiled(key: str, phrases: tuple[str, ...], *, is_reported: bool) -> tuple[CompiledPhrase, ...]:
        done: list[CompiledPhrase] = []
        for place, phrase in enumerate(phrases, 1):
            if len(phrase) > LONGEST_PHRASE:
                complaints.append(f"{where}.{key}[{place}]: {len(phrase)} characters; allowed: up to {LONGEST_PHRASE}")
                continue
            try:
                done += compile_phrase(phrase, names=names, is_reported=is_reported)
            except PhraseError as mistake:
                complaints.append(f"{where}.{key}[{place}]: “{phrase}” {mistake}")
        return tuple(done)

    return Rule(
        id=form.id,
        family=form.family,
        side=form.side,
        scope=form.scope,
        title=filled(form.title, names),
        say=filled(form.say, names),
        phrases=compiled("phrases", form.phrases, is_reported=True),
        excused_by=compiled("excused_by", form.excused_by, is_reported=False),
    )
