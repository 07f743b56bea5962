"""What is the language model counted from? The pack, helpdesk sentences, graded sentences, and a table of words."""

import json
import random
import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from importlib import resources
from pathlib import Path
from typing import Final

from firmware.model.language import Text
from firmware.model.lexicon import readings
from firmware.model.sentences import clauses, sentences
from pi_companion.core.settings import Pack

Segmenter = Callable[[str], list[str]]

_HANZI: Final = re.compile(r"[一-鿿]+")
_GAP: Final = re.compile("…|几")
_HELPDESK: Final = Path(__file__).with_name("text") / "helpdesk.txt"

COMPOSED: Final = 12_000
GENERAL_WORDS: Final = 12_000
_LONGEST_WORD: Final = 4
_PAIRS_FROM: Final = 60_000
_LEAST_PAIR: Final = 3e-6


@dataclass(frozen=True, slots=True, kw_only=True)
class Material:
    """`texts`: sentences as words. `general`: ordinary words by frequency. `syllables`, `pairs`: of the language."""

    texts: tuple[Text, ...]
    general: Mapping[str, float]
    syllables: Mapping[str, float]
    pairs: Mapping[tuple[str, str], float]

    @property
    def words(self) -> list[str]:
        """Every word, in order."""
        found = {word for text in self.texts for sentence in text.sentences for word in sentence}
        return sorted(found | self.general.keys())


def material(pack: Pack, seed: int = 1) -> Material:
    """Return what the language model of the bundled model is counted from; the same every time."""
    table = _table()
    general = dict(table[:GENERAL_WORDS])
    segment = _segmenter()
    desk = clauses(_HELPDESK.read_text("utf-8"))
    phrases = list(pack_wordings(pack))
    rng = random.Random(seed)  # noqa: S311 - sentences, not secrets
    names = [word for word, _ in table[:3000]]
    composed = sentences(rng, desk, [phrase for phrase in phrases if len(phrase) > 2], lambda rng: rng.choice(names))
    made = [next(composed) for _ in range(COMPOSED)]
    graded = graded_sentences()
    said = [
        Text(_cut(segment, desk), 4.0),
        Text(_cut(segment, phrases), 4.0),
        Text(_cut(segment, made), 0.1),
        Text(_cut(segment, graded), 1.0),
    ]
    known = {word for text in said for sentence in text.sentences for word in sentence}
    syllables: Counter[str] = Counter()
    pairs: Counter[tuple[str, str]] = Counter()
    for word, frequency in table[:_PAIRS_FROM]:
        sounds = readings(word)
        if not sounds:
            continue
        weight = frequency**0.5 if word in general or word in known else frequency**0.75
        syllables.update(dict.fromkeys(sounds[0], weight))
        pairs.update(dict.fromkeys(zip(sounds[0], sounds[0][1:], strict=False), weight))
    total = pairs.total()
    return Material(
        texts=tuple(said),
        general=general,
        syllables=syllables,
        pairs={pair: weight for pair, weight in pairs.items() if weight >= _LEAST_PAIR * total},
    )


def pack_wordings(pack: Pack) -> Iterator[str]:
    """Yield every stretch of every wording of the pack that is said without a gap, as in the run-time grammar."""
    found = {
        stretch
        for rule in pack.rules
        for phrase in (*rule.phrases, *rule.excused_by)
        for part in _GAP.split(phrase.text)
        for stretch in _HANZI.findall(part)
    }
    yield from sorted(found)


def graded_sentences() -> list[str]:
    """Return the sentences of `hsk-sentences-audio` (CC-BY-SA-4.0)."""
    found = json.loads(resources.files("hsk_sentences_audio").joinpath("data/sentences.json").read_text("utf-8"))
    return [run for each in found for run in _HANZI.findall(each["chinese"]) if len(run) > 1]


def _table() -> list[tuple[str, float]]:
    """Return jieba's words of up to four hanzi with their frequency, the commonest first."""
    import jieba  # noqa: PLC0415 - only making a model needs it

    jieba.setLogLevel(60)
    jieba.initialize()
    found = [
        (word, float(frequency))
        for word, frequency in jieba.dt.FREQ.items()
        if frequency > 0 and len(word) <= _LONGEST_WORD and _HANZI.fullmatch(word)
    ]
    return sorted(found, key=lambda each: (-each[1], each[0]))


def _segmenter() -> Segmenter:
    import jieba  # noqa: PLC0415 - only making a model needs it

    return lambda text: [word for word in jieba.cut(text, HMM=False) if _HANZI.fullmatch(word)]


def _cut(segment: Segmenter, texts: Iterable[str]) -> list[Sequence[str]]:
    return [segment(run) for text in texts for run in _HANZI.findall(text)]
