"""What would two simple ways find in the same audio? Both in the best form that is still simple.

**Exact text**: the characters of a phrase, in every wording the pack stands for, in what Vosk wrote for the
utterance. Gaps and numbers of the pack are honoured, scopes are ours, there are no excuses and no near sounds.
**Grammar**: Vosk told beforehand what to expect: every wording, cut into the fewest words the model knows, the parts
around a gap as phrases of their own. Bare, as people use it, it must match something. With fillers, a word for every
syllable, it may match something else: that is the device's own second recogniser, taken at its word. What comes out
is then read like exact text.
"""

import json
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import groupby
from typing import Any, Final

import vosk

from pi_companion.core.facts import Fact, TalkSpurtBegan, TalkSpurtEnded, Word, WordsHeard
from pi_companion.core.framer import SAMPLE_RATE_HZ
from pi_companion.core.settings import CompiledPhrase, Rule, Scope
from pi_companion.evaluation.hearing import Counts, Detection, Facts
from pi_companion.speech.ear import Hypothesis
from pi_companion.speech.phonetics import NUMBERS, syllables
from pi_companion.speech.vocabulary import Vocabulary, segment

_HANZI: Final = re.compile(r"[〇㐀-鿿]+")
_NUMBER: Final = "几"
_SAID_WITHOUT_MEANING: Final = re.compile("[啊哎呃嗯哈嘿哦喔呣诶唉噢]")


@dataclass(frozen=True, slots=True, kw_only=True)
class _Wording:
    rule: Rule
    text: str
    places: int
    pattern: re.Pattern[str]


def read_text(
    facts: Iterable[Fact], rules: Sequence[Rule], counts: Counts, *, are_partials_read: bool = False
) -> tuple[Detection, ...]:
    """Return which rules' phrases stand in the text of each utterance, each rule once an utterance.

    The text is all final results of the utterance; with `are_partials_read` also each partial result as it comes.
    """
    wordings = [_wording(rule, phrase) for rule in rules for phrase in rule.phrases]
    found: list[Detection] = []
    began, done, fired = 0, "", set[int]()

    def read(at: int, text: str, *, is_whole: bool) -> None:
        for wording in wordings:
            if id(wording.rule) in fired or not counts(wording.rule):
                continue
            if (wording.rule.scope is Scope.WHOLE_UTTERANCE) is not is_whole:
                continue
            matched = wording.pattern.fullmatch(text) if is_whole else wording.pattern.search(text)
            if matched:
                fired.add(id(wording.rule))
                found.append(
                    Detection(
                        rule=wording.rule.id,
                        phrase=wording.text,
                        places=wording.places,
                        at=at,
                        began=began,
                        ended=at,
                    )
                )

    for fact in facts:
        match fact:
            case TalkSpurtBegan():
                began, done, fired = fact.began, "", set()
            case WordsHeard():
                text = done + "".join(word.text for word in fact.words)
                if fact.is_final:
                    done = text
                if fact.is_final or are_partials_read:
                    read(fact.at, text, is_whole=False)
            case TalkSpurtEnded():
                read(fact.at, _SAID_WITHOUT_MEANING.sub("", done), is_whole=True)
            case _:
                pass
    return tuple(found)


def second_opinion(facts: Facts) -> Iterator[Fact]:
    """Yield the facts with the second recogniser's best hypothesis in place of the first one's."""
    last: WordsHeard | None = None
    for fact in facts:
        match fact:
            case WordsHeard(second=()):
                continue
            case WordsHeard():
                last = replace(fact, words=fact.second[0], is_final=False, second=())
                yield last
            case TalkSpurtEnded():
                if last is not None:
                    yield replace(last, at=fact.at, is_final=True)
                last = None
                yield fact
            case _:
                yield fact


def grammar(rules: Iterable[Rule], vocabulary: Vocabulary) -> str:
    """Return the rules' phrases as Vosk takes a bare grammar: a JSON list of sentences, words apart."""
    sentences = {
        " ".join(word.text for word in words)
        for rule in rules
        for phrase in rule.phrases
        for part in _parts(phrase)
        if (words := segment(vocabulary, part)) and all(word.is_word for word in words)
    }
    if any(_NUMBER in phrase.text for rule in rules for phrase in rule.phrases):
        sentences |= {number for number in NUMBERS if vocabulary.has(number)}
    return json.dumps(sorted(sentences), ensure_ascii=False)


class GrammarRecogniser:
    """Vosk in grammar mode with the interface of `speech.ear.Recogniser`; words without times or confidence."""

    def __init__(self, model: Any, sentences: str) -> None:  # noqa: ANN401 - vosk publishes no types
        self._vosk = vosk.KaldiRecognizer(model, SAMPLE_RATE_HZ, sentences)
        self._at = 0
        self._partial = ""

    def begin(self, at: int) -> None:
        """Start an utterance."""
        self._at, self._partial = at, ""

    def feed(self, pcm: bytes) -> Hypothesis | None:
        """Take more audio; return a hypothesis when it is a new one."""
        self._at += len(pcm) // 2 * 1000 // SAMPLE_RATE_HZ
        if self._vosk.AcceptWaveform(pcm):
            self._partial = ""
            return self._heard(json.loads(self._vosk.Result())["text"], is_final=True)
        partial = json.loads(self._vosk.PartialResult())["partial"]
        if partial == self._partial:
            return None
        self._partial = partial
        return self._heard(partial, is_final=False)

    def finish(self) -> Hypothesis:
        """End the utterance."""
        return self._heard(json.loads(self._vosk.FinalResult())["text"], is_final=True)

    def _heard(self, text: str, *, is_final: bool) -> Hypothesis:
        words = tuple(
            Word(text=word, syllables=syllables(word), began=self._at, ended=self._at, confidence_pct=0)
            for word in text.split()
        )
        return Hypothesis(words=words, is_final=is_final)


def _parts(phrase: CompiledPhrase) -> list[str]:
    """Return the stretches of characters of a wording that have no gap in them."""
    return ["".join(_HANZI.findall(part)) for piece in phrase.text.split("…") for part in piece.split(_NUMBER) if part]


def _wording(rule: Rule, phrase: CompiledPhrase) -> _Wording:
    gaps = [len(list(run)) for is_any, run in groupby(phrase.tokens, key=lambda token: token.is_any) if is_any]
    sizes = iter(gaps)
    pattern = ""
    for place, piece in enumerate(phrase.text.split("…")):
        if place:
            pattern += f".{{0,{next(sizes, 0)}}}"
        pattern += "".join(_HANZI.findall(piece)).replace(_NUMBER, f"[{NUMBERS}]{{1,3}}")
    places = sum(not (token.is_optional or token.is_any) for token in phrase.tokens)
    return _Wording(rule=rule, text=phrase.text, places=places, pattern=re.compile(pattern))
