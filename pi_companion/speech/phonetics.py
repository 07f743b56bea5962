"""How does a phrase sound? Hanzi to toneless syllables, and the pack's phrase grammar to places to be matched.

Recogniser output and pack go through the same readings, so a wrong character with the right sound still matches.
The grammar is described for readers of the pack in `packs/README.md`.
"""

import re
from collections import deque
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from pypinyin import Style, lazy_pinyin

from pi_companion.core.settings import CompiledPhrase, Token
from pi_companion.speech.syllables import SYLLABLES, cost_pm, costs_pm

__all__ = ["PhraseError", "compile_phrase", "cost_pm", "syllables"]

MOST_EXPANSIONS: Final = 64
"""A phrase may stand for this many wordings; more are a mistake or too slow to listen for."""

GAP: Final = 6
"""Syllables that may stand in a gap written without a number."""

NUMBERS: Final = "零一二两三四五六七八九十百半几"
_NUMBER_WORD: Final = "几"
_DIGITS: Final = str.maketrans("0123456789０１２３４５６７８９", "零一二三四五六七八九" * 2)
_HANZI: Final = re.compile(r"[〇㐀-鿿]+")
_SPELLED: Final = {"n": "en", "ng": "en", "m": "en"}
"""嗯 has no vowel in some readings; it is heard as en."""

_ALSO_READ: Final[Mapping[str, frozenset[str]]] = {
    char: frozenset(readings.split())
    for char, readings in {
        "了": "le liao", "谁": "shui shei", "还": "hai huan", "得": "de dei", "地": "de di", "着": "zhe zhao",
        "行": "xing hang", "都": "dou du", "那": "na nei", "哪": "na nei", "这": "zhe zhei", "嗯": "en", "嘛": "ma",
        "么": "me", "没": "mei", "会": "hui", "重": "chong zhong", "长": "chang zhang", "差": "cha chai",
    }.items()
}  # fmt: skip
"""Readings that a recogniser's word split, or plain speech, may give a character; all are right."""

_MARK: Final = re.compile(
    r"(?P<gap>(?:…+|\.{3,})(?P<most>\d?))|(?P<name>[{｛][^{}｛｝]*[}｝])|(?P<open>[(（])|(?P<bar>[|｜])|(?P<close>[)）])"
    r"|(?P<text>(?:(?!…|\.{3})[^{}｛｝()（）|｜])+)|(?P<stray>.)"
)


class PhraseError(ValueError):
    """A phrase of the pack cannot be understood; the message says why, without the phrase."""


@dataclass(frozen=True, slots=True)
class _Said:
    text: str


@dataclass(frozen=True, slots=True)
class _AnyOf:
    characters: str


@dataclass(frozen=True, slots=True)
class _Gap:
    most: int


@dataclass(frozen=True, slots=True)
class _Number:
    pass


_Piece = _Said | _AnyOf | _Gap | _Number
_Wording = tuple[_Piece, ...]


@lru_cache(maxsize=4096)
def syllables(text: str) -> tuple[str, ...]:
    """Return the toneless pinyin of a text, one syllable per hanzi or digit, readings by the words around it.

    A text that is one toneless syllable stays what it is: some models write nothing else. Digits are read one by
    one; other Latin letters and punctuation have no reading and are left out. The cache holds single words of the
    recogniser's vocabulary, in memory, never what was said in order (law 9).
    """
    if text in SYLLABLES:
        return (text,)
    return tuple(
        sound for run in _HANZI.findall(text.translate(_DIGITS)) for sound in _readings(run) if sound.isascii()
    )


def compile_phrase(text: str, *, names: Mapping[str, str], is_reported: bool = True) -> tuple[CompiledPhrase, ...]:
    """Return every wording that a phrase of the pack stands for, ready to be matched.

    `names`: what `{agent_name}` and the like stand for; an empty one is left out. `is_reported`: each choice must
    be told apart in `CompiledPhrase.text`; if not, single-character alternatives become one place, which is
    faster to listen for. Raises `PhraseError`.
    """
    marks = deque(_MARK.finditer(text))
    wordings = _alternatives(marks, names, is_open=False)
    compiled = (_compiled(wording) for wording in _separate(wordings, is_reported=is_reported))
    return tuple({(phrase.text, len(phrase.tokens)): phrase for phrase in compiled}.values())


def _readings(run: str) -> list[str]:
    """Return one reading per hanzi of an unbroken run; a hanzi that has none stays itself."""
    sounds = lazy_pinyin(run, style=Style.NORMAL, errors=list)  # type: ignore[arg-type]  # a list is spread: stubs omit it
    return [_SPELLED.get(sound, sound) for sound in sounds]


def _alternatives(marks: deque[re.Match[str]], names: Mapping[str, str], *, is_open: bool) -> list[_Wording]:
    """Read up to the closing bracket, or to the end outside of one; return the wordings in the order written."""
    done: list[_Wording] = []
    wordings: list[_Wording] = [()]
    while marks:
        mark = marks.popleft()
        match mark.lastgroup:
            case "close" if is_open:
                return _bounded(done + wordings)
            case "bar" if is_open:
                done, wordings = done + wordings, [()]
            case "open":
                inner = _alternatives(marks, names, is_open=True)
                characters = [_only_character(wording) for wording in inner]
                if all(characters):
                    inner = [(_AnyOf("".join(characters)),)]
                wordings = _bounded([before + after for before in wordings for after in inner])
            case _:
                piece = _piece(mark, names)
                wordings = [(*wording, piece) for wording in wordings]
    if is_open:
        raise PhraseError("a bracket ( is not closed")
    return wordings


def _piece(mark: re.Match[str], names: Mapping[str, str]) -> _Piece:
    match mark.lastgroup:
        case "gap" | "most":
            return _Gap(int(mark["most"] or GAP))
        case "name":
            return _named(mark["name"][1:-1], names)
        case "text":
            if letters := re.search(r"[A-Za-z]+", mark["text"]):
                raise PhraseError(f"letters have no reading: {letters[0]}; write them as hanzi are said")
            return _Said(mark["text"])
        case "bar":
            raise PhraseError("alternatives | stand in brackets: (a|b)")
        case _:
            raise PhraseError(f"{mark[0]} has no partner")


def _named(name: str, names: Mapping[str, str]) -> _Piece:
    if name == "number":
        return _Number()
    if name not in names:
        allowed = ", ".join(f"{{{known}}}" for known in (*names, "number"))
        raise PhraseError(f"{{{name}}} is not known; allowed: {allowed}")
    return _Said("".join(_HANZI.findall(names[name].translate(_DIGITS))))


def _only_character(wording: _Wording) -> str:
    match wording:
        case (_Said(text),) if len(text) == 1 and _HANZI.fullmatch(text):
            return text
        case (_AnyOf(characters),):
            return characters
        case _:
            return ""


def _bounded(wordings: list[_Wording]) -> list[_Wording]:
    if len(wordings) > MOST_EXPANSIONS:
        raise PhraseError(
            f"stands for more than {MOST_EXPANSIONS} wordings; write it as several phrases with fewer alternatives"
        )
    return wordings


def _separate(wordings: Iterable[_Wording], *, is_reported: bool) -> list[_Wording]:
    """Turn places with a choice of characters into one wording each, where the choice is to be reported."""
    separate: list[_Wording] = []
    for wording in wordings:
        grown: list[_Wording] = [()]
        for piece in wording:
            match piece:
                case _AnyOf(characters) if is_reported:
                    grown = _bounded([(*before, _Said(char)) for before in grown for char in characters])
                case _:
                    grown = [(*before, piece) for before in grown]
        separate += grown
    return _bounded(separate)


def _compiled(wording: _Wording) -> CompiledPhrase:
    places: list[str | _AnyOf | _Gap | _Number] = []  # unbroken text is read as a whole: joined first
    for piece in wording:
        match piece:
            case _Said(""):
                continue  # a name that is not set
            case _Said(said) if places and isinstance(places[-1], str):
                places[-1] += said
            case _Said(said):
                places.append(said)
            case _:
                places.append(piece)
    tokens = [token for place in places for token in _tokens(place)]
    while tokens and tokens[0].is_any:
        del tokens[0]
    while tokens and tokens[-1].is_any:
        del tokens[-1]
    required = sum(not token.is_optional for token in tokens)
    if not required:
        raise PhraseError("says nothing that could be heard")
    text = re.sub("…+", "…", "".join(_shown(place) for place in places)).strip("… ")
    literal = "".join(_HANZI.findall(text)) if len(tokens) == 1 else ""
    return CompiledPhrase(text=text, tokens=tuple(tokens), literal=literal)


def _shown(place: str | _AnyOf | _Gap | _Number) -> str:
    match place:
        case str():
            return place
        case _AnyOf(characters):
            return characters[0]
        case _Gap():
            return "…"
        case _Number():
            return _NUMBER_WORD


def _tokens(place: str | _AnyOf | _Gap | _Number) -> list[Token]:
    match place:
        case str():
            return [
                _token(frozenset({sound}) | _ALSO_READ.get(char, frozenset()))
                for run in _HANZI.findall(place.translate(_DIGITS))
                for char, sound in zip(run, _readings(run), strict=True)
            ]
        case _AnyOf(characters):
            return [_token(frozenset().union(*(_sounds_of(char) for char in characters)))]
        case _Gap(most):
            return [_ANY] * most
        case _Number():
            return [_NUMBER, _NUMBER_ON, _NUMBER_ON]


def _sounds_of(char: str) -> frozenset[str]:
    return frozenset(_readings(char)) | _ALSO_READ.get(char, frozenset())


def _token(readings: frozenset[str]) -> Token:
    return Token(costs_pm=costs_pm(readings))


_ANY: Final = Token(costs_pm={}, is_optional=True, is_any=True)
_NUMBER: Final = _token(frozenset().union(*(_sounds_of(char) for char in NUMBERS)))
_NUMBER_ON: Final = Token(costs_pm=_NUMBER.costs_pm, is_optional=True)
