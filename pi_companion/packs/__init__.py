"""What does this hotline want said, and what not? Loads a rule pack: limits, texts and phrases, all validated.

A pack is one TOML file that a person without a programmer can edit; `README.md` beside this file says how.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Final

from pi_companion import schema
from pi_companion.core.facts import Side
from pi_companion.core.settings import CompiledPhrase, Family, Field, Limits, Pack, Rule, Scope
from pi_companion.errors import PackError
from pi_companion.packs.checks import LIMIT_CHECKS
from pi_companion.packs.texts import LONGEST_LINE, REQUIRED_TEXTS, filled, read_texts, stray_names
from pi_companion.speech.phonetics import PhraseError, compile_phrase

__all__ = ["BUNDLED", "REQUIRED_TEXTS", "Family", "load_pack"]

BUNDLED: Final = Path(__file__).with_name("it-helpdesk-zh.toml")
FORMAT: Final = 1
LONGEST_TITLE: Final = 8
"""Characters of a headline in one line of large type on the 128x64 screen."""


_FAULTS: Final = frozenset({Family.TABOO, Family.PROMISE, Family.OPENING_TABOO})
_CUSTOMERS: Final = frozenset({Family.CONSENT, Family.REFUSAL})


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
class _PackForm:
    """A pack file as it is written, texts apart."""

    format: Annotated[int, Field("version of the file's form", FORMAT, FORMAT)]
    name: Annotated[str, Field("name of the pack")]
    version: Annotated[str, Field("version of its content")]
    limits: Limits = field(default_factory=Limits)
    rule: tuple[_RuleForm, ...]


def load_pack(path: Path | None = None, *, names: Mapping[str, str]) -> Pack:
    """Return the pack in a file, or the bundled one, for one station.

    `names`: what `{agent_name}` stands for. Raises `PackError` with every complaint.
    """
    source = path or BUNDLED
    raw = schema.read_toml(source, PackError)
    texts, complaints = read_texts(raw.pop("texts", {}), names)
    form, form_complaints = schema.build(_PackForm, raw, checks=LIMIT_CHECKS)
    complaints += form_complaints
    rules: list[Rule] = []
    if form is not None:
        complaints += _misfits(form.rule)
        rules = [
            _rule(f"rule[{number} {each.id}]", each, names, complaints) for number, each in enumerate(form.rule, 1)
        ]
    if form is None or complaints:
        raise PackError(source, complaints)
    return Pack(name=form.name, version=form.version, limits=form.limits, rules=tuple(rules), texts=texts)


def _misfits(rules: Iterable[_RuleForm]) -> list[str]:
    """Return what is wrong with rules whose fields are each of the right kind."""
    complaints = []
    said: dict[tuple[str, Family, str], str] = {}
    for number, rule in enumerate(rules, 1):
        where = f"rule[{number} {rule.id}]"
        side = Side.CUSTOMER if rule.family in _CUSTOMERS else Side.AGENT
        if rule.side is not side:
            complaints.append(f'{where}.side: found "{rule.side}"; family "{rule.family}" is what the {side} says')
        if rule.family in _FAULTS and not 0 < len(rule.title) <= LONGEST_TITLE:
            complaints.append(f'{where}.title: found "{rule.title}"; allowed: 1 to {LONGEST_TITLE} characters')
        if len(rule.say) > LONGEST_LINE:
            complaints.append(f"{where}.say: {len(rule.say)} characters; allowed: up to {LONGEST_LINE}")
        complaints += stray_names(f"{where}.title", rule.title, {"agent_name"})
        complaints += stray_names(f"{where}.say", rule.say, {"agent_name"})
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
