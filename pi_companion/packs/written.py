"""Where in its file does each phrase stand, and what does it stand for? What a pack that loads is checked by.

A pack can be without a mistake of form and still be of no use: a phrase that the model can never write, a fault that
sounds like a polite line. `hearable.py` and `soundalikes.py` find those and say so as a `Finding`.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from pi_companion import schema
from pi_companion.core import alignment
from pi_companion.core.facts import Side, Word
from pi_companion.core.limits import Spotting
from pi_companion.core.phrases import Match, Spotter
from pi_companion.core.settings import CompiledPhrase, Pack, Rule, Station
from pi_companion.errors import PackError
from pi_companion.packs import BUNDLED
from pi_companion.speech.phonetics import compile_phrase, syllables
from pi_companion.speech.vocabulary import Vocabulary, segment

SYLLABLE_MS = 200
"""How long a syllable takes where a text is said for trial."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PackEntry:
    """One line of `phrases`, or of `excused_by` if `is_polite`, and the wordings that it stands for.

    `place`: as complaints about the file name it, `rule[4 SAY-WAIT].phrases[2]`, counted from one.
    """

    place: str
    text: str
    rule: Rule
    wordings: tuple[CompiledPhrase, ...]
    is_polite: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """What is wrong at one place of the file, and what to do. `is_error`: the pack must not be used so."""

    place: str
    told: str
    is_error: bool

    def __str__(self) -> str:
        return f"{self.place}: {self.told}"


def entries(path: Path | None, pack: Pack, names: Mapping[str, str]) -> tuple[PackEntry, ...]:
    """Return every phrase and polite form of the file that `pack` was loaded from, in the order written.

    `path` and `names` as `load_pack` had them. Raises `PackError` if the file changed its form since.
    """
    raw, names = schema.read_toml(path or BUNDLED, PackError), {**Station().names, **names}
    rules = raw["rule"]
    if not isinstance(rules, list) or len(rules) != len(pack.rules):
        raise PackError(path or BUNDLED, ["changed while it was read; run the check again"])
    return tuple(
        PackEntry(
            place=f"rule[{number} {rule.id}].{key}[{row}]",
            text=text,
            rule=rule,
            wordings=compile_phrase(text, names=names, is_reported=not is_polite),
            is_polite=is_polite,
        )
        for number, (rule, form) in enumerate(zip(pack.rules, rules, strict=True), 1)
        for key, is_polite in (("phrases", False), ("excused_by", True))
        for row, text in enumerate(form.get(key, ()), 1)
    )


def needed_pm(rule: Rule, phrase: CompiledPhrase, limits: Spotting) -> int:
    """Return the likeness in per mille from which a phrase counts, where every recogniser hears it alike."""
    entry = alignment.entry(rule, phrase, limits, is_excuse=False)
    return entry.together_pm // 2 if _has_second(rule) else entry.least_pm


def spoken(text: str, vocabulary: Vocabulary | None) -> tuple[Word, ...]:
    """Return a text as the model would write it, word by word; without a model, one word a character."""
    if vocabulary is None:
        pieces = [char for char in text if syllables(char)]
        return timed((char, (sound,)) for char, sound in zip(pieces, syllables(text), strict=True))
    parts = (part.text for part in segment(vocabulary, text))
    return timed((part, syllables(part) or (part,)) for part in parts)  # a syllable is its own reading


def timed(said: Iterable[tuple[str, tuple[str, ...]]]) -> tuple[Word, ...]:
    """Return words with their sounds as if said at an even pace."""
    words: list[Word] = []
    began = 0
    for text, sounds in said:
        ended = began + SYLLABLE_MS * len(sounds)
        words.append(Word(text=text, syllables=sounds, began=began, ended=ended, confidence_pct=100))
        began = ended
    return tuple(words)


def spotted(rule: Rule, limits: Spotting, words: tuple[Word, ...]) -> tuple[Match, ...]:
    """Return what fires when the words are all that is said, and every recogniser hears them so."""
    spotter = Spotter((rule,), limits)
    spotter.begin(0)
    return spotter.hear(words, is_final=True, second=(words,) if _has_second(rule) else ()) + spotter.end()


def _has_second(rule: Rule) -> bool:
    """Whether a second recogniser listens for it (`speech/grammar.py`)."""
    return rule.side is Side.AGENT
