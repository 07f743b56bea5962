"""How well does what was heard fit a phrase, and where? A Sellers alignment of syllables to the places of a phrase.

One column of costs is kept per syllable heard, so more speech costs only its new syllables. Costs only grow along a
phrase, so what has become too dear is forgotten at once; most phrases have nothing in common with most syllables and
have no column at all. Integer costs, per mille of one syllable.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import accumulate
from typing import Final

from pi_companion.core.facts import Word
from pi_companion.core.limits import Spotting
from pi_companion.core.settings import CompiledPhrase, Rule

EXTRA_PM: Final = 600
"""Cost of a syllable heard between two places of a phrase."""

MISSING_PM: Final = 800
"""Cost of a place of a phrase that was not heard."""

EXCUSE_SLACK_PM: Final = 100
"""A polite form heard this much worse than the fault in it does not excuse it."""

FILLERS: Final = frozenset({"a", "ai", "e", "ei", "en", "ha", "hei", "m", "o", "ou", "n", "ng"})
"""Syllables that do not count where a phrase must be the whole utterance."""

Column = tuple[Sequence[int], Sequence[int]]
"""Cost, and index of the first syllable, by place of the phrase. None in its place: as if nothing had been heard."""


@dataclass(frozen=True, slots=True)
class Syllable:
    """A syllable heard, the word that it is part of, whether it is its first or last, its share of the word's time."""

    sound: str
    word: str
    is_first: bool
    is_last: bool
    began: int
    ended: int


@dataclass(frozen=True, slots=True)
class Entry:
    """A phrase to listen for.

    `least_pm`: likeness from which it was said, where one recogniser listens. Where two do, `together_pm`: the sum
    of both that is needed, and `each_pm`: the least in each; `is_short`: exactly heard or not at all.
    """

    phrase: CompiledPhrase
    rule: Rule
    places: int
    least_pm: int
    together_pm: int
    each_pm: int
    is_short: bool
    tokens: tuple[tuple[Callable[[str, int], int] | None, int], ...]
    """For each place, what tells a syllable's cost there (None: any fits), and what it costs to leave it out."""
    unheard: tuple[int, ...]
    """The costs, by place, while nothing of it was heard."""
    worth: int
    """The cost up to which what has been heard of it may still be of interest."""
    related: frozenset[str] | None
    """Syllables that something worth it may begin with; None: all."""

    @property
    def allowed(self) -> int:
        """The cost up to which a fit is of any interest."""
        return self.places * (1000 - self.each_pm)

    def is_agreed(self, one_pm: int, other_pm: int) -> bool:
        """Whether two recognisers have heard it well enough together."""
        return min(one_pm, other_pm) >= self.each_pm and one_pm + other_pm >= self.together_pm

    def score_pm(self, cost: int) -> int:
        """Return the likeness of a fit: 1000 less its cost per place, rounded down."""
        return max(0, 1000 + -cost // max(1, self.places))

    def is_literal(self, syllable: Syllable) -> bool:
        """Whether the word is the very one, where the phrase is a single one; a word spelled in pinyin may be any."""
        literal = self.phrase.literal
        return not literal or literal == syllable.word or syllable.word.isascii()


@dataclass(frozen=True, slots=True)
class Fit:
    """An entry found from syllable `first` to syllable `last`."""

    entry: Entry
    first: int
    last: int
    score_pm: int


def entry(rule: Rule, phrase: CompiledPhrase, limits: Spotting, *, is_excuse: bool) -> Entry:
    """Return the entry of a phrase with its thresholds, which depend on its length."""
    places = sum(not (token.is_optional or token.is_any) for token in phrase.tokens)
    least_pm, together_pm, each_pm = _thresholds(places, limits)
    missing_pm = [0 if token.is_optional else MISSING_PM for token in phrase.tokens]
    unheard = tuple(accumulate(missing_pm, initial=0))
    worth_pm = min(each_pm, _least_excuse_pm(limits)) if is_excuse else each_pm
    worth = places * (1000 - worth_pm)
    return Entry(
        phrase,
        rule,
        places,
        least_pm,
        together_pm,
        each_pm,
        is_short=places < limits.agreed_from_syllables,
        tokens=tuple(
            (None if token.is_any else token.costs_pm.get, missing)
            for token, missing in zip(phrase.tokens, missing_pm, strict=True)
        ),
        unheard=unheard,
        worth=worth,
        related=_related(phrase, unheard, worth),
    )


def _thresholds(places: int, limits: Spotting) -> tuple[int, int, int]:
    """Return `least_pm`, `together_pm` and `each_pm` of a phrase of so many syllables."""
    least_pm = limits.least_score_pm[min(places, len(limits.least_score_pm)) - 1]
    if places < limits.agreed_from_syllables:
        return least_pm, 2 * least_pm, least_pm
    together_pm = 2 * (least_pm - limits.agreed_pm)
    return least_pm, together_pm, max(least_pm - limits.agreed_worst_pm, together_pm - 1000)


def _least_excuse_pm(limits: Spotting) -> int:
    """Return the least likeness with which a polite form may excuse anything."""
    lengths = range(1, max(len(limits.least_score_pm), limits.agreed_from_syllables) + 1)
    return min(_thresholds(places, limits)[2] for places in lengths) - EXCUSE_SLACK_PM


def _related(phrase: CompiledPhrase, unheard: Sequence[int], worth: int) -> frozenset[str] | None:
    """Return the syllables that may begin it at some place, all before left out, at a cost that is worth it."""
    if any(token.is_any for token in phrase.tokens):
        return None
    *others, last = zip(phrase.tokens, unheard, strict=False)
    return frozenset(
        sound
        for token, before in others
        for sound, cost in token.costs_pm.items()
        if cost <= min(worth - before, 0 if token.is_optional else MISSING_PM)
    ) | {sound for sound, cost in last[0].costs_pm.items() if last[1] + cost <= worth}


def step(entry: Entry, column: Column | None, syllable: Syllable, index: int) -> Column | None:
    """Return the next column of the alignment after one more syllable.

    The last place must be heard, well or badly: a phrase is not over before its end.
    """
    sound = syllable.sound
    costs: Sequence[int]
    starts: Sequence[int]
    if column is not None:
        costs, starts = column
    elif entry.related is None or sound in entry.related:
        costs, starts = entry.unheard, (index,) * len(entry.unheard)
    else:
        return None
    new_costs, new_starts = [0], [index + 1]
    left_cost, left_start = 0, index + 1
    diagonal, diagonal_start = 0, index
    last = len(entry.tokens)
    for place, (cost_of, missing_pm) in enumerate(entry.tokens, 1):
        above, above_start = costs[place], starts[place]
        best = diagonal if cost_of is None else diagonal + cost_of(sound, 1000)
        start = diagonal_start
        if place < last:
            missing = left_cost + missing_pm
            if missing < best:
                best, start = missing, left_start
            if above + EXTRA_PM < best:
                best, start = above + EXTRA_PM, above_start
        new_costs.append(best)
        new_starts.append(start)
        left_cost, left_start = best, start
        diagonal, diagonal_start = above, above_start
    worth = entry.worth
    for cost, start in zip(new_costs, new_starts, strict=True):
        if cost <= worth and start <= index:
            return new_costs, new_starts
    return None  # nothing of what was heard is left in it


def fit_at(entry: Entry, column: Column | None, syllable: Syllable, index: int) -> Fit | None:
    """Return the fit that ends at this syllable, if it is of any interest."""
    if column is None:
        return None
    cost, first = column[0][-1], column[1][-1]
    if cost > entry.allowed or first > index or not entry.is_literal(syllable):
        return None
    return Fit(entry, first, index, entry.score_pm(cost))


def fits(entry: Entry, heard: Sequence[Syllable]) -> Iterator[Fit]:
    """Yield every fit of an entry in what was heard."""
    column: Column | None = None
    for index, syllable in enumerate(heard):
        column = step(entry, column, syllable, index)
        fit = fit_at(entry, column, syllable, index)
        if fit is not None:
            yield fit


def whole_fit(entry: Entry, heard: Sequence[Syllable], since: int = 0) -> Fit | None:
    """Return the fit of an entry with all that was heard from syllable `since` on but fillers."""
    said = [index for index in range(since, len(heard)) if heard[index].sound not in FILLERS]
    if not said or not entry.is_literal(heard[said[0]]):
        return None
    column: Column | None = None
    for index in said:
        column = step(entry, column, heard[index], index)
    if column is None:
        return None
    # From its first syllable on: anything said before would have started the fit later.
    cost = column[0][-1] + sum(index < column[1][-1] for index in said) * EXTRA_PM
    return Fit(entry, said[0], said[-1], entry.score_pm(cost)) if cost <= entry.allowed else None


def is_same_fault(fit: Fit, fired: Fit) -> bool:
    """Whether a fit is the same rule again in one utterance, or the same words under another rule of its kind."""
    if fired.entry.rule is fit.entry.rule:
        return True
    is_overlapping = fit.first <= fired.last and fired.first <= fit.last
    return is_overlapping and fit.entry.rule.family == fired.entry.rule.family


def spelled(words: Sequence[Word]) -> list[Syllable]:
    """Return the syllables of words, each with its even share of the word's time."""
    return [_syllable(word, place) for word in words for place in range(len(word.syllables))]


def _syllable(word: Word, place: int) -> Syllable:
    span, count = word.ended - word.began, len(word.syllables)
    return Syllable(
        sound=word.syllables[place],
        word=word.text,
        is_first=place == 0,
        is_last=place == count - 1,
        began=word.began + span * place // count,
        ended=word.began + span * (place + 1) // count,
    )
