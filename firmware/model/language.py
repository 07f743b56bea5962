"""Which word follows which? A back-off n-gram over words and over free syllables, from texts of different weight.

Three parts share the probability of a word that no context explains: the words of the texts, ordinary words by their
frequency, and free syllables for what is in no vocabulary. A syllable is followed by others as in the words of the
language at large, because what is unknown is seldom one syllable long.
"""

import math
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, NamedTuple

from firmware.model.fst import Graph

BEGIN: Final = "<s>"
END: Final = "</s>"

Context = tuple[str, ...]


class Text(NamedTuple):
    """Sentences as words. `weight`: how many times each counts."""

    sentences: Sequence[Sequence[str]]
    weight: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Shares:
    """How the probability of a word without context is shared out, and what goes on after a free syllable."""

    text: float = 0.55
    general: float = 0.37
    free: float = 0.08
    free_goes_on: float = 0.6
    discount: float = 0.6
    longest: int = 3
    least: Mapping[int, float] | None = None
    """How often at least a row of so many words must have been counted; once where nothing is said."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Model:
    """A back-off model.

    `words`: probability without context. `after`: by context, the words seen with their probability, and the factor
    that the shorter context has for every other word.
    """

    words: Mapping[str, float]
    after: Mapping[Context, tuple[Mapping[str, float], float]]

    def probability(self, context: Context, word: str) -> float:
        """Return the probability of a word; the context may be longer than any that is known."""
        if not context:
            return self.words.get(word, 0.0)
        seen, factor = self.after.get(context, ({}, 1.0))
        return seen[word] if word in seen else factor * self.probability(context[1:], word)


def estimate(
    texts: Iterable[Text],
    general: Mapping[str, float],
    syllables: Mapping[str, float],
    pairs: Mapping[tuple[str, str], float],
    shares: Shares,
) -> Model:
    """Return the model. `general`: ordinary words by frequency; `syllables`, `pairs`: of the language at large."""
    counts: defaultdict[Context, defaultdict[str, float]] = defaultdict(lambda: defaultdict(float))
    off: defaultdict[Context, defaultdict[str, float]] = defaultdict(lambda: defaultdict(float))
    for text in texts:
        for context, followers in _counted(text.sentences, shares.longest).items():
            for word, times in followers.items():
                if times >= (shares.least or {}).get(len(context) + 1, 1):
                    counts[context][word] += times * text.weight
                    off[context][word] += shares.discount * text.weight
                else:
                    off[context][""] += times * text.weight
    ends = counts[()][END] / sum(counts[()].values())
    words: defaultdict[str, float] = defaultdict(float)
    for part, share in ((counts[()], shares.text), (general, shares.general), (syllables, shares.free)):
        total = sum(weight for word, weight in part.items() if word != END)
        for word, weight in part.items():
            if word != END:
                words[word] += share * (1 - ends) * weight / total
    words[END] = ends
    found = Model(words=dict(words), after={})
    after: dict[Context, tuple[Mapping[str, float], float]] = {}
    firsts: defaultdict[str, dict[str, float]] = defaultdict(dict)
    for (first, second), weight in pairs.items():
        firsts[first][second] = weight
    for first, seconds in firsts.items():
        total = sum(seconds.values())
        _put(after, found, (first,), {second: shares.free_goes_on * each / total for second, each in seconds.items()})
    for context in sorted((context for context in counts if context), key=len):
        lower = Model(words=found.words, after=after)
        total = sum(counts[context].values()) + off[context][""]
        kept = {word: max(0.0, times - off[context][word]) / total for word, times in counts[context].items()}
        left = 1 - sum(kept.values())
        _put(
            after,
            found,
            context,
            {word: share + left * lower.probability(context[1:], word) for word, share in kept.items()},
        )
    return Model(words=found.words, after=after)


def graph(
    model: Model,
    labels: Mapping[str, int],
    lengths: Mapping[str, int],
    *,
    scale: float = 1.0,
    syllable_cost: float = 0.0,
) -> Graph:
    """Return the model as an acceptor of `labels`; a context is left by an arc without a label.

    `scale`: of every cost. `syllable_cost`: on top of it for each of a word's syllables, as `lengths` has them.
    """
    built = Graph()
    contexts = [(), *sorted(model.after, key=lambda context: (len(context), context))]
    states = {context: built.state() for context in contexts}
    built.start = states.get((BEGIN,), states[()])

    def cost(probability: float) -> float:
        return -scale * math.log(probability)

    for context in contexts:
        seen, factor = model.after[context] if context else (model.words, 1.0)
        for word, probability in seen.items():
            if word == END:
                built.finals[states[context]] = cost(probability)
            elif word in labels:
                to = _longest((*context, word), states)
                extra = syllable_cost * lengths[word]
                built.arc(states[context], labels[word], labels[word], cost(probability) + extra, to)
        if context:
            built.arc(states[context], 0, 0, cost(factor), _longest(context[1:], states))
    return built


def _longest(context: Context, states: Mapping[Context, int]) -> int:
    while context not in states:
        context = context[1:]
    return states[context]


def _put(
    after: dict[Context, tuple[Mapping[str, float], float]], found: Model, context: Context, seen: dict[str, float]
) -> None:
    """Add a context, with the factor that makes the probabilities of all words add up to one."""
    lower = Model(words=found.words, after=after)
    rest = 1 - sum(lower.probability(context[1:], word) for word in seen)
    factor = max(1e-6, 1 - sum(seen.values())) / max(1e-6, rest)
    after[context] = (seen, factor)


def _counted(sentences: Iterable[Sequence[str]], longest: int) -> Mapping[Context, Counter[str]]:
    counts: defaultdict[Context, Counter[str]] = defaultdict(Counter)
    for sentence in sentences:
        words = (BEGIN, *sentence, END)
        for at in range(1, len(words)):
            for length in range(min(longest, at + 1)):
                counts[words[at - length : at]][words[at]] += 1
    return counts
