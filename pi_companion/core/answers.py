"""What does the customer's answer mean? The words of both recognisers, weighed for consent and refusal (HOLD-2).

These are the shortest words there are, and a real key hangs on them. Consent must be the whole answer in a hypothesis
of the second recogniser and sound like one to the first; refusal, or other words that consent is a part of, must be
in no hypothesis of either. Law 9: words stay until the answer is over.
"""

from collections import deque
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Final

from pi_companion.core.alignment import FILLERS, Entry, Fit, Syllable, entry, fits, spelled, whole_fit
from pi_companion.core.facts import TalkSpurtEnded, Word, WordsHeard
from pi_companion.core.limits import Spotting
from pi_companion.core.phrases import Match
from pi_companion.core.settings import Family, Pack

_LEVELS: Final = 15  # utterances of which the middle one is the customer's usual level
_LEVEL_FROM_MS: Final = 500  # shorter ones may be a cough


class Meaning(StrEnum):
    """What the words are worth: `unsure` has consent or refusal in it, but may be something else."""

    CONSENT = "consent"
    REFUSAL = "refusal"
    UNSURE = "unsure"
    OTHER = "other"


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """A finished utterance of the customer: bounds in session milliseconds, and what was understood in it.

    `quieter_by_db`: how far it is below this customer's usual level; 0 where that is not known yet. `consented_at`:
    the middle of the first words of consent; None: it is none. `syllables`: of the whole utterance. `may_lack_start`:
    the consent opens with how a refusal ends (可以, 不可以). `may_refuse`: a hypothesis of either recogniser has
    a refusal in it, or nearly. `matches`: the phrases it rests on.
    """

    began: int
    ended: int
    meaning: Meaning
    quieter_by_db: int = 0
    consented_at: int | None = None
    syllables: int = 0
    may_lack_start: bool = False
    may_refuse: bool = False
    matches: tuple[Match, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class _Reading:
    """What one hypothesis says.

    `spoken`: how many of its syllables are no fillers, a word that has no reading ([unk]) counted as one more;
    `agreeing`: those of them in consents, if one opens it.
    `is_contrary`: there are words in it that consent may be a part of, or nearly a refusal. `is_alike`: all of it
    sounds like a consent.
    """

    heard: list[Syllable]
    consents: list[Fit]
    refusals: list[Fit]
    spoken: int
    agreeing: int
    is_contrary: bool
    is_alike: bool
    confidence_pct: int


class AnswerListener:
    """Listens to the customer; `begin`, `hear` what is final, `close` when the utterance is over."""

    def __init__(self, pack: Pack) -> None:
        self._limits = pack.limits.hold

        spotting = pack.limits.spotting

        def entries(family: Family, limits: Spotting = spotting, *, excuses: bool = False) -> list[Entry]:
            return [
                entry(rule, phrase, limits, is_excuse=excuses)
                for rule in pack.rules
                if rule.family is family
                for phrase in (rule.excused_by if excuses else rule.phrases)
            ]

        like_consent = replace(spotting, least_score_pm=(self._limits.near_consent_pm,))
        like_refusal = replace(spotting, least_score_pm=(self._limits.near_refusal_pm,))
        self._consents = entries(Family.CONSENT)
        self._others = entries(Family.CONSENT, excuses=True)
        self._alike = [each for each in entries(Family.CONSENT, like_consent) if self._is_enough(each.places)]
        self._refusals = entries(Family.REFUSAL)
        self._harmless = entries(Family.REFUSAL, excuses=True)
        self._near = entries(Family.REFUSAL, like_refusal)
        longer = [each.phrase.text for each in (*self._others, *self._refusals)]
        self._levels: deque[int] = deque(maxlen=_LEVELS)
        ends = {
            each.phrase.text: self._is_enough(each.places)
            for each in self._consents
            if any(text != each.phrase.text and text.endswith(each.phrase.text) for text in longer)
        }
        alone = tuple(text for text, is_enough in ends.items() if is_enough)
        self._ends = {*ends, *(each.phrase.text for each in self._consents if each.phrase.text.startswith(alone))}
        self.begin()

    def begin(self) -> None:
        """A new utterance starts, or the last one is to be forgotten (law 9)."""
        self._words: tuple[Word, ...] = ()
        self._second: tuple[tuple[Word, ...], ...] = ()

    def forget(self) -> None:
        """Another customer is on the line."""
        self._levels.clear()
        self.begin()

    def hear(self, fact: WordsHeard) -> None:
        """Keep what is final."""
        if fact.is_final:
            self._words += fact.words
            self._second = fact.second or self._second

    def close(self, fact: TalkSpurtEnded) -> Answer:
        """Return the answer that the utterance was, whether or not one is wanted, and forget the words."""
        first = self._read(self._words)
        second = [self._read(words) for words in self._second]
        self.begin()
        meaning = self._judge(first, second, fact.nuclei)
        telling = next((each for each in (first, *second) if self._tells(each, meaning)), first)
        said = sorted(telling.refusals if meaning is Meaning.REFUSAL else telling.consents, key=_by_place)
        opening = next((fit for fit in said if telling.heard[fit.first].sound not in FILLERS), None)
        return Answer(
            began=fact.began,
            ended=fact.ended,
            meaning=meaning,
            quieter_by_db=self._quieter_by_db(fact),
            consented_at=_middle(said[0], telling) if said and meaning is not Meaning.REFUSAL else None,
            syllables=max(telling.spoken, 1),
            may_lack_start=opening is not None and opening.entry.phrase.text in self._ends,
            may_refuse=any(each.refusals or each.is_contrary for each in (first, *second)),
            matches=tuple(_match(fit, telling) for fit in _apart(said)),
        )

    def _quieter_by_db(self, fact: TalkSpurtEnded) -> int:
        usual_dbfs = sorted(self._levels)[len(self._levels) // 2] if self._levels else fact.level_dbfs
        if fact.ended - fact.began >= _LEVEL_FROM_MS:
            self._levels.append(fact.level_dbfs)
        return max(0, usual_dbfs - fact.level_dbfs)

    def _tells(self, reading: _Reading, meaning: Meaning) -> bool:
        """Whether a reading alone would have the meaning that all together were given."""
        match meaning:
            case Meaning.CONSENT:
                return self._is_whole(reading)
            case Meaning.REFUSAL:
                return bool(reading.refusals)
            case Meaning.UNSURE | Meaning.OTHER:
                return False

    def _judge(self, first: _Reading, second: Sequence[_Reading], nuclei: int) -> Meaning:
        readings = (first, *second)
        best = second[0] if second else first
        if first.refusals or (best.refusals and not first.consents):
            return Meaning.REFUSAL
        if any(reading.refusals or reading.is_contrary for reading in readings):
            return Meaning.UNSURE
        if self._is_consent_alone(first) and not second:
            return Meaning.CONSENT
        agreed = next((other.agreeing for other in second if self._is_consent(first, other)), 0)
        if agreed and (nuclei == 0 or nuclei >= agreed or self._is_consent_alone(first)):
            return Meaning.CONSENT
        return Meaning.UNSURE if any(reading.consents for reading in readings) else Meaning.OTHER

    def _is_enough(self, syllables: int) -> bool:
        return syllables >= self._limits.least_consent_syllables

    def _is_whole(self, reading: _Reading) -> bool:
        return reading.spoken == reading.agreeing and self._is_enough(reading.agreeing)

    def _is_consent(self, first: _Reading, second: _Reading) -> bool:
        """Whether both recognisers heard the same kind of thing, the second one exactly."""
        is_long = second.agreeing >= self._limits.long_consent_syllables
        return self._is_whole(second) and (is_long or first.is_alike or self._is_whole(first))

    def _is_consent_alone(self, only: _Reading) -> bool:
        return self._is_whole(only) and only.confidence_pct >= self._limits.sure_pct

    def _read(self, words: Sequence[Word]) -> _Reading:
        heard = spelled(words)
        others = _certain(self._others, heard)
        harmless = _certain(self._harmless, heard)
        consents = [fit for fit in _certain(self._consents, heard) if not _is_inside(fit, others)]
        near = [fit for fit in _certain(self._near, heard) if not _is_inside(fit, harmless)]
        said = {index for index, syllable in enumerate(heard) if syllable.sound not in FILLERS}
        unreadable = sum(not word.syllables for word in words)
        covered = {index for fit in consents for index in range(fit.first, fit.last + 1)}
        is_opened = bool(said) and min(said) in covered
        return _Reading(
            heard=heard,
            consents=consents,
            refusals=[fit for fit in _certain(self._refusals, heard) if not _is_inside(fit, harmless)],
            spoken=len(said) + unreadable,
            agreeing=len(said & covered) if is_opened else 0,
            is_contrary=bool(others or near),
            is_alike=not unreadable and any(_is_whole(each, heard) for each in self._alike),
            confidence_pct=min((word.confidence_pct for word in words), default=0),
        )


def _certain(entries: Iterable[Entry], heard: Sequence[Syllable]) -> list[Fit]:
    return [fit for each in entries for fit in fits(each, heard) if fit.score_pm >= each.least_pm]


def _is_whole(each: Entry, heard: Sequence[Syllable]) -> bool:
    fit = whole_fit(each, heard)
    return fit is not None and fit.score_pm >= each.least_pm


def _is_inside(fit: Fit, around: Iterable[Fit]) -> bool:
    return any(other.first <= fit.first and fit.last <= other.last for other in around)


def _by_place(fit: Fit) -> tuple[int, int]:
    return fit.first, fit.first - fit.last


def _middle(fit: Fit, reading: _Reading) -> int:
    return (reading.heard[fit.first].began + reading.heard[fit.last].ended) // 2


def _apart(found: Iterable[Fit]) -> list[Fit]:
    """Return what was said one after the other, of phrases that begin together the longest; `found`: by place."""
    kept: list[Fit] = []
    for fit in found:
        if not kept or fit.first > kept[-1].last:
            kept.append(fit)
    return kept


def _match(fit: Fit, reading: _Reading) -> Match:
    return Match(
        rule=fit.entry.rule,
        phrase=fit.entry.phrase.text,
        began=reading.heard[fit.first].began,
        ended=reading.heard[fit.last].ended,
        score_pm=fit.score_pm,
    )
