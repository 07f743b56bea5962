"""What can a speech model write at all? Its words, the sounds among them, and a text cut into them.

A word that a model does not have never comes out, however clearly it is said, and a grammar with such a word loses the
whole phrase in silence. So the pack is checked against the model in use before a call (law 10). Vosk names no list of
words, it only answers for one: a model is asked for every hanzi, then for words with the sounds still missing.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from functools import cache, lru_cache
from types import MappingProxyType
from typing import Any, Final

from pypinyin.constants import PINYIN_DICT
from pypinyin.contrib.tone_convert import to_normal
from pypinyin.phrases_dict import phrases_dict

from pi_companion.errors import ModelError
from pi_companion.speech.phonetics import syllables
from pi_companion.speech.syllables import SYLLABLES

_LONGEST_WORD: Final = 8  # characters; longer words are names and sayings

_LEAST_KNOWN: Final = 100  # of the four hundred syllables: fewer than this is no Mandarin model


@dataclass(frozen=True, slots=True, kw_only=True)
class Vocabulary:
    """What a model can write.

    `has`: whether a text is one of its words. `sounds`: every syllable that some word of it has, with such a word.
    `is_syllabic`: its words are not hanzi but toneless pinyin syllables.
    """

    has: Callable[[str], bool]
    sounds: Mapping[str, str] = field(repr=False)
    is_syllabic: bool


@dataclass(frozen=True, slots=True)
class Part:
    """A piece of a text: one word of the model, or if `is_word` is false what no word of it can write."""

    text: str
    is_word: bool


@lru_cache(maxsize=2)  # asking takes half a second, and every ear and every call of a day asks the same model
def of_model(model: Any, name: str) -> Vocabulary:  # noqa: ANN401 - vosk publishes no types
    """Return the vocabulary of a model loaded by `vosk_recogniser.load`; raise ModelError if it knows no Mandarin."""
    found = of(lambda word: bool(word) and model.vosk_model_find_word(word) >= 0)
    if len(found.sounds) < _LEAST_KNOWN:
        raise ModelError(
            f"{name}: knows {len(found.sounds)} of {len(SYLLABLES)} Mandarin syllables, so it is no Mandarin model; "
            "choose another one: pi-companion model list"
        )
    return found


def of(has: Callable[[str], bool]) -> Vocabulary:
    """Return the vocabulary of which `has` tells whether a text is a word."""
    sounds: dict[str, str] = {}
    for code in PINYIN_DICT:
        if has(chr(code)):
            _add(sounds, chr(code))
    is_syllabic = False
    if sounds:
        for word in _words_with(SYLLABLES - sounds.keys()):
            if has(word):
                _add(sounds, word)
    else:
        sounds = {sound: sound for sound in SYLLABLES if has(sound)}
        is_syllabic = bool(sounds)
    return Vocabulary(has=has, sounds=MappingProxyType(sounds), is_syllabic=is_syllabic)


def segment(vocabulary: Vocabulary, text: str) -> tuple[Part, ...]:
    """Return a text cut into words of the model, as a grammar would need it.

    As little as possible is left that no word can write, then as few words as possible, the longer ones first. A
    text has one hanzi or digit a place; for a model of syllables its words are the syllables. Punctuation, blanks
    and Latin letters are no part of what is said and are left out.
    """
    if vocabulary.is_syllabic:
        return tuple(Part(sound, vocabulary.has(sound)) for sound in syllables(text))
    said = "".join(char for char in text if syllables(char))
    # Best way from each place to the end: (characters left over, words, minus the first word's length), and the way.
    best: list[tuple[tuple[int, int, int], tuple[Part, ...]]] = [((0, 0, 0), ())]
    for start in range(len(said) - 1, -1, -1):
        ways = []
        for length in range(1, min(_LONGEST_WORD, len(said) - start) + 1):
            word = said[start : start + length]
            is_word = vocabulary.has(word)
            if is_word or length == 1:
                (left_over, words, _), rest = best[-length]
                ways.append(((left_over + (not is_word), words + 1, -length), (Part(word, is_word), *rest)))
        best.append(min(ways, key=lambda way: way[0]))
    return best[-1][1]


def _add(sounds: dict[str, str], word: str) -> None:
    for sound in syllables(word):
        sounds.setdefault(sound, word)


def _words_with(missing: Iterable[str]) -> list[str]:
    """Return the words of the reading tables in which one of the sounds occurs."""
    wanted = frozenset(missing)
    return [word for word, readings in phrases_dict.items() if any(_toneless(each[0]) in wanted for each in readings)]


@cache
def _toneless(reading: str) -> str:
    return to_normal(reading)
