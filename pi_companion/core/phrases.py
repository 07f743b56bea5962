"""Was a phrase of the pack said? Streaming approximate matching of syllables, revisable as the recogniser revises.

For every phrase one column of a Sellers alignment is kept per syllable heard, so a partial result costs only its
new syllables, and a revised one resumes where it differs. Integer costs, per mille of one syllable. Law 9: the
syllables live here, in memory, until the next utterance.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from pi_companion.core.facts import Word
from pi_companion.core.settings import CompiledPhrase, Rule, Scope, Spotting

EXTRA_PM: Final = 600
"""Cost of a syllable heard between two places of a phrase."""

MISSING_PM: Final = 800
"""Cost of a place of a phrase that was not heard."""

_CONTEXT_SYLLABLES: Final = 60  # more than any phrase; bounds memory where pauses stay short

_EXCUSE_SLACK_PM: Final = 100  # a polite form heard much worse than the fault in it does not excuse it

FILLERS: Final = frozenset({"a", "ai", "e", "ei", "en", "ha", "hei", "m", "o", "ou", "n", "ng"})
"""Syllables that do not count where a phrase must be the whole utterance."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Match:
    """A phrase of `rule` said from `began` to `ended`; `score_pm`: likeness in per mille.

    `before`, `within`: how many syllables, fillers aside, the utterance had before it, and in all so far.
    """

    rule: Rule
    phrase: str
    began: int
    ended: int
    score_pm: int
    before: int
    within: int


@dataclass(frozen=True, slots=True)
class _Syllable:
    sound: str
    word: str
    began: int
    ended: int


_Column = tuple[Sequence[int], Sequence[int]]  # cost, and index of the first syllable, by place of the phrase


@dataclass(frozen=True, slots=True)
class _Entry:
    phrase: CompiledPhrase
    rule: Rule
    is_excuse: bool
    places: int
    allowed: int

    @property
    def empty(self) -> _Column:
        costs = [0]
        for token in self.phrase.tokens:
            costs.append(costs[-1] + (0 if token.is_optional else MISSING_PM))
        return costs, [0] * len(costs)


@dataclass(frozen=True, slots=True)
class _Hit:
    entry: _Entry
    first: int
    last: int
    score_pm: int


def _step(entry: _Entry, column: _Column, syllable: _Syllable, index: int) -> _Column:
    """Return the next column of the alignment after one more syllable.

    The last place must be heard, well or badly: a phrase is not over before its end.
    """
    costs, starts = column
    new_costs, new_starts = [0], [index + 1]
    left_cost, left_start = 0, index + 1
    sound = syllable.sound
    diagonal, diagonal_start = 0, index
    last = len(entry.phrase.tokens)
    for place, token in enumerate(entry.phrase.tokens, 1):
        above, above_start = costs[place], starts[place]
        best = diagonal if token.is_any else diagonal + token.costs_pm.get(sound, 1000)
        start = diagonal_start
        if place < last:
            missing = left_cost if token.is_optional else left_cost + MISSING_PM
            if missing < best:
                best, start = missing, left_start
            if above + EXTRA_PM < best:
                best, start = above + EXTRA_PM, above_start
        new_costs.append(best)
        new_starts.append(start)
        left_cost, left_start = best, start
        diagonal, diagonal_start = above, above_start
    return new_costs, new_starts


def _entries(rules: Iterable[Rule], limits: Spotting) -> list[_Entry]:
    def entry(rule: Rule, phrase: CompiledPhrase, *, is_excuse: bool) -> _Entry:
        places = sum(not (token.is_optional or token.is_any) for token in phrase.tokens)
        least = limits.least_score_pm[min(places, len(limits.least_score_pm)) - 1]
        return _Entry(phrase, rule, is_excuse, places, places * (1000 - least))

    return [
        entry(rule, phrase, is_excuse=is_excuse)
        for rule in rules
        for is_excuse, phrases in ((True, rule.excused_by), (False, rule.phrases))
        for phrase in phrases
    ]


class Spotter:
    """Listens to one side for the given rules; `hear` for every hypothesis, `end` when the utterance is over."""

    def __init__(self, rules: Iterable[Rule], limits: Spotting) -> None:
        self._limits = limits
        self._entries = _entries(rules, limits)
        self._whole = [entry for entry in self._entries if entry.rule.scope is Scope.WHOLE_UTTERANCE]
        self._running = [entry for entry in self._entries if entry.rule.scope is not Scope.WHOLE_UTTERANCE]
        self._blank = [entry.empty for entry in self._running]
        self.forget()

    def begin(self, began: int) -> None:
        """A new utterance starts; what was said just before still counts as context if the pause was short."""
        is_bridged = bool(self._heard) and began - self._heard[-1].ended <= self._limits.bridge_ms
        if is_bridged and len(self._heard) < _CONTEXT_SYLLABLES:
            self._fresh_from = self._fixed = len(self._heard)
        else:
            self.forget()
        self._fired: list[_Hit] = []
        self._seen: list[_Hit] = []

    def hear(
        self, words: Sequence[Word], *, is_final: bool, counts: Callable[[Rule], bool] = lambda _rule: True
    ) -> tuple[Match, ...]:
        """Take the hypothesis since the last final one; return what has now certainly been said.

        A match in a partial hypothesis must show in two in a row, or have something said after it: hypotheses
        are revised at their end. It also waits while a polite form around it may still be on its way.
        """
        heard = [
            _Syllable(sound, word.text, *_share(word, place))
            for word in words
            for place, sound in enumerate(word.syllables)
        ]
        self._resume(heard)
        if is_final:
            self._fixed = len(self._heard)
        hits = [
            hit
            for hit in self._hits()
            if counts(hit.entry.rule)
            and (is_final or hit.last < len(self._heard) - 1 or hit in self._seen)
            and (is_final or not self._may_be_excused_yet(hit))
        ]
        self._seen = self._hits()
        return self._fire(hits)

    def end(self, *, counts: Callable[[Rule], bool] = lambda _rule: True) -> tuple[Match, ...]:
        """The utterance is over: return what counts only as a whole utterance."""
        said = [index for index in range(self._fresh_from, len(self._heard)) if self._heard[index].sound not in FILLERS]
        hits = []
        for entry in self._whole:
            if not said or entry.is_excuse or not counts(entry.rule):
                continue
            column = entry.empty
            for index in said:
                column = _step(entry, column, self._heard[index], index)
            cost, first = column[0][-1], column[1][-1]
            is_literal = not entry.phrase.literal or entry.phrase.literal == self._heard[said[0]].word
            # From its first syllable on: anything said before would have started the match later.
            if cost + sum(index < first for index in said) * EXTRA_PM <= entry.allowed and is_literal:
                hits.append(_Hit(entry, said[0], said[-1], _score(entry, cost)))
        return self._fire(hits)

    def forget(self) -> None:
        """Forget everything that was said (law 9)."""
        self._heard: list[_Syllable] = []
        self._columns: list[list[_Column]] = []
        self._hits_at: list[list[_Hit]] = []
        self._fixed = self._fresh_from = 0
        self._fired = []
        self._seen = []

    def _resume(self, heard: list[_Syllable]) -> None:
        same = 0
        old = self._heard[self._fixed :]
        while same < min(len(heard), len(old)) and heard[same].sound == old[same].sound:
            same += 1
        keep = self._fixed + same
        self._heard[self._fixed :] = heard
        del self._columns[keep:], self._hits_at[keep:]
        for index in range(keep, len(self._heard)):
            before = self._columns[-1] if self._columns else self._blank
            syllable = self._heard[index]
            self._columns.append(
                [_step(entry, column, syllable, index) for entry, column in zip(self._running, before, strict=True)]
            )
            self._hits_at.append(self._complete(index))

    def _complete(self, index: int) -> list[_Hit]:
        """Return what is a match ending at this syllable."""
        return [
            _Hit(entry, starts[-1], index, _score(entry, costs[-1]))
            for entry, (costs, starts) in zip(self._running, self._columns[index], strict=True)
            if costs[-1] <= entry.allowed
            and starts[-1] <= index
            and (not entry.phrase.literal or entry.phrase.literal == self._heard[index].word)
        ]

    def _may_be_excused_yet(self, hit: _Hit) -> bool:
        """Whether a polite form that began no later than the hit has come so far well enough to excuse it."""
        for entry, (costs, starts) in zip(self._running, self._columns[-1], strict=True):
            if not entry.is_excuse or entry.rule is not hit.entry.rule:
                continue
            most = min(entry.allowed, (1000 - hit.score_pm + _EXCUSE_SLACK_PM) * entry.places)
            so_far = zip(costs[1:-1], starts[1:-1], strict=True)
            if any(cost <= most and start <= hit.first for cost, start in so_far):
                return True
        return False

    def _hits(self) -> list[_Hit]:
        return [hit for hits in self._hits_at[self._fresh_from :] for hit in hits]

    def _count(self, end: int) -> int:
        return sum(syllable.sound not in FILLERS for syllable in self._heard[self._fresh_from : end])

    def _fire(self, hits: list[_Hit]) -> tuple[Match, ...]:
        excuses = [hit for hit in self._hits() if hit.entry.is_excuse]
        faults = [hit for hit in hits if not hit.entry.is_excuse]
        matches = []
        for hit in sorted(faults, key=lambda hit: (-hit.entry.places, hit.last, -hit.score_pm)):
            if any(
                excuse.entry.rule is hit.entry.rule
                and excuse.first <= hit.first
                and hit.last <= excuse.last
                and excuse.score_pm >= hit.score_pm - _EXCUSE_SLACK_PM
                for excuse in excuses
            ):
                continue
            if any(_is_said_already(hit, fired) for fired in self._fired):
                continue
            self._fired.append(hit)
            matches.append(
                Match(
                    rule=hit.entry.rule,
                    phrase=hit.entry.phrase.text,
                    began=self._heard[hit.first].began,
                    ended=self._heard[hit.last].ended,
                    score_pm=hit.score_pm,
                    before=self._count(hit.first),
                    within=self._count(len(self._heard)),
                )
            )
        return tuple(sorted(matches, key=lambda match: (match.ended, match.began)))


def _is_said_already(hit: _Hit, fired: _Hit) -> bool:
    """Whether a hit is the same rule again in one utterance, or the same words under another rule of its kind."""
    if fired.entry.rule is hit.entry.rule:
        return True
    is_overlapping = hit.first <= fired.last and fired.first <= hit.last
    return is_overlapping and hit.entry.rule.family == fired.entry.rule.family


def _score(entry: _Entry, cost: int) -> int:
    return max(0, 1000 - cost // max(1, entry.places))


def _share(word: Word, place: int) -> tuple[int, int]:
    span, count = word.ended - word.began, len(word.syllables)
    return word.began + span * place // count, word.began + span * (place + 1) // count
