"""Which labels hold a phrase themselves? What fires there is no false alarm, so it is left out, hours and all.

A phrase counts as held only if the label has exactly its syllables, across neighbouring labels too where the pause is
short enough for the spotter to go on. A label that is merely close to a phrase stays in: firing on it is a false alarm.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

from pi_companion.core.facts import Fact, Side, TalkSpurtBegan, TalkSpurtEnded, Word, WordsHeard
from pi_companion.core.limits import Spotting
from pi_companion.core.settings import Rule
from pi_companion.evaluation.hearing import Detection, spot
from pi_companion.evaluation.material import Label

_EXACT: Final = (1000,)
_SLACK_MS: Final = 300
"""Labels are cut by machine: what fires this close to one may be on its words."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """Milliseconds of a recording."""

    began: int
    ended: int


def holding(labels: Sequence[Label], rules: Sequence[Rule], limits: Spotting) -> tuple[Span, ...]:
    """Return the labels, joined where they touch, in which a phrase of `rules` is said, wherever it would count."""
    literals = _literals(rules)
    facts = tuple(_as_heard(labels, literals))
    said = spot(facts, rules, replace(limits, least_score_pm=_EXACT), lambda _rule: True)
    return _joined(
        Span(began=label.began, ended=label.ended)
        for label in labels
        if any(found.began < label.ended and label.began < found.ended for found in said)
    )


def is_left_out(found: Detection, spans: Iterable[Span]) -> bool:
    """Whether what fired may be a phrase that a label really holds."""
    return any(
        found.began < span.ended + _SLACK_MS and span.began - _SLACK_MS < max(found.ended, found.began + 1)
        for span in spans
    )


def length_ms(spans: Iterable[Span]) -> int:
    """Return how long the spans are together."""
    return sum(span.ended - span.began for span in spans)


def _literals(rules: Iterable[Rule]) -> Mapping[str, str]:
    """Return the character that a rule insists on, by its sound: a label without text is taken to mean it."""
    return {
        sound: phrase.literal
        for rule in rules
        for phrase in rule.phrases
        if phrase.literal
        for sound in phrase.tokens[0].costs_pm
        if phrase.tokens[0].costs_pm[sound] == 0
    }


def _as_heard(labels: Iterable[Label], literals: Mapping[str, str]) -> Iterator[Fact]:
    for label in labels:
        yield TalkSpurtBegan(at=label.began, side=Side.AGENT, began=label.began)
        words = tuple(_words(label, literals))
        yield WordsHeard(at=label.ended, side=Side.AGENT, words=words, is_final=True)
        yield TalkSpurtEnded(
            at=label.ended,
            side=Side.AGENT,
            began=label.began,
            ended=label.ended,
            level_dbfs=0,
        )


def _words(label: Label, literals: Mapping[str, str]) -> Iterator[Word]:
    span, count = label.ended - label.began, len(label.sounds)
    for place, sound in enumerate(label.sounds):
        yield Word(
            text=label.text[place] if len(label.text) == count else literals.get(sound, sound),
            syllables=(sound,),
            began=label.began + span * place // count,
            ended=label.began + span * (place + 1) // count,
            confidence_pct=100,
        )


def _joined(spans: Iterable[Span]) -> tuple[Span, ...]:
    joined: list[Span] = []
    for span in spans:
        if joined and span.began <= joined[-1].ended:
            joined[-1] = Span(began=joined[-1].began, ended=max(joined[-1].ended, span.ended))
        else:
            joined.append(span)
    return tuple(joined)
