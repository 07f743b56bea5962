"""How is Vosk made to stream one side? Word times in session milliseconds, early partial results, bounded memory.

Where it is given a grammar, a second recogniser hears the same audio: one that knows only the pack's phrases and a
word for every syllable. The first says what was said in ordinary Mandarin; the second is not drawn away from a
phrase by more ordinary words.
"""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

import numpy as np
import vosk

from pi_companion.core.facts import Word
from pi_companion.core.framer import SAMPLE_RATE_HZ
from pi_companion.errors import ModelError
from pi_companion.speech.ear import Hypothesis
from pi_companion.speech.phonetics import syllables

RENEW_AFTER_SAMPLES: Final = 3600 * SAMPLE_RATE_HZ
"""Vosk counts time from its first sample, in 32-bit floats: after an hour of speech a fresh one takes over."""

_SEEN_AFTER_MS: Final = 250
"""From the end of a word to the partial result that first has it."""

_UNKNOWN_PCT: Final = 0
"""Partial results and alternatives carry no confidence."""

_ALTERNATIVES: Final = 8

_FLOOR: Final = np.random.default_rng(1).integers(-17, 18, SAMPLE_RATE_HZ)
"""A second of noise at -70 dBFS, always the same."""


def load(path: Path) -> Any:  # noqa: ANN401 - vosk publishes no types
    """Load a model folder that `models.check` has passed. Raises ModelError if Vosk refuses it."""
    vosk.SetLogLevel(-2)  # -1 still lets through that times of alternatives are approximate, for each of them
    try:
        return vosk.Model(str(path))
    except Exception as error:  # vosk raises bare Exception
        message = f"{path}: Vosk cannot load this model ({error}); try `pi-companion model verify`"
        raise ModelError(message) from error


def with_grammar(model: Any, grammar: Sequence[str]) -> Any:  # noqa: ANN401 - vosk publishes no types
    """Return a bare Vosk recogniser that knows these lines only and gives several hypotheses, with word times."""
    bare = vosk.KaldiRecognizer(model, SAMPLE_RATE_HZ, json.dumps(list(grammar), ensure_ascii=False))
    bare.SetWords(True)
    bare.SetMaxAlternatives(_ALTERNATIVES)
    return bare


class VoskRecogniser:
    """One side's recogniser; several share one model.

    `grammar`: see `grammar.of_rules`; empty: no second one. `has_floor`: a faint noise is put under what is heard.
    """

    def __init__(self, model: Any, grammar: Sequence[str] = (), *, has_floor: bool = False) -> None:  # noqa: ANN401 - vosk publishes no types
        self._model, self._grammar, self._has_floor = model, grammar, has_floor
        self._make()

    def _make(self) -> None:
        self._vosk = vosk.KaldiRecognizer(self._model, SAMPLE_RATE_HZ)
        self._vosk.SetWords(True)
        self._second = _Second(self._model, self._grammar) if self._grammar else None
        self._fed_samples = 0
        self._offset_ms = 0.0
        self._began = 0
        self._seen: list[Word] = []

    def begin(self, at: int) -> None:
        """Start an utterance whose first sample was taken at `at`."""
        if self._fed_samples > RENEW_AFTER_SAMPLES:
            self._make()
        self._offset_ms = at - self._fed_samples * 1000 / SAMPLE_RATE_HZ
        self._began, self._seen = at, []
        if self._second:
            self._second.begin(at, self._offset_ms)

    def feed(self, pcm: bytes) -> Hypothesis | None:
        """Take more audio; return a hypothesis when it is a new one."""
        if self._has_floor:
            pcm = over_floor(pcm, self._fed_samples)
        self._fed_samples += len(pcm) // 2
        is_new = self._second is not None and self._second.feed(pcm, self._fed_to)
        if self._vosk.AcceptWaveform(pcm):
            self._seen = []
            return self._final(self._vosk.Result())
        texts = json.loads(self._vosk.PartialResult())["partial"].split()
        if texts == [word.text for word in self._seen] and not is_new:
            return None
        self._seen = continued(self._seen, texts, self._began, self._fed_to)
        return Hypothesis(words=tuple(self._seen), is_final=False, second=self._opinions())

    def finish(self) -> Hypothesis:
        """End the utterance."""
        if self._second:
            self._second.finish()
        hypothesis = self._final(self._vosk.FinalResult())
        self._seen = []  # law 9: the next utterance may be long in coming
        if self._second:
            self._second.begin(self._began, self._offset_ms)
        return hypothesis

    @property
    def _fed_to(self) -> int:
        return round(self._offset_ms + self._fed_samples * 1000 / SAMPLE_RATE_HZ)

    def _opinions(self) -> tuple[tuple[Word, ...], ...]:
        return self._second.hypotheses if self._second else ()

    def _final(self, answer: str) -> Hypothesis:
        words = timed(json.loads(answer), self._offset_ms)
        self._began = words[-1].ended if words else self._began
        return Hypothesis(words=words, is_final=True, second=self._opinions())


class _Second:
    """Hears the same audio with a grammar; `hypotheses`: of the whole utterance so far, the best one first."""

    def __init__(self, model: Any, grammar: Sequence[str]) -> None:  # noqa: ANN401 - vosk publishes no types
        self._vosk = with_grammar(model, grammar)
        self.begin(0, 0.0)

    def begin(self, at: int, offset_ms: float) -> None:
        self._began, self._offset_ms = at, offset_ms
        self._before: tuple[Word, ...] = ()
        self._seen: list[Word] = []
        self.hypotheses: tuple[tuple[Word, ...], ...] = ((),)

    def feed(self, pcm: bytes, fed_to: int) -> bool:
        """Take more audio; return whether there is a new hypothesis."""
        if self._vosk.AcceptWaveform(pcm):
            self._close(self._vosk.Result())
            return True
        texts = json.loads(self._vosk.PartialResult())["partial"].split()
        if texts == [word.text for word in self._seen]:
            return False
        self._seen = continued(self._seen, texts, self._began, fed_to)
        self.hypotheses = ((*self._before, *self._seen),)
        return True

    def finish(self) -> None:
        self._close(self._vosk.FinalResult())

    def _close(self, answer: str) -> None:
        """Take the alternatives of a stretch that is over; what follows builds on the best one."""
        stretches = [timed(each, self._offset_ms) for each in json.loads(answer)["alternatives"]]
        self.hypotheses = tuple(dict.fromkeys((*self._before, *words) for words in stretches))
        self._before = self.hypotheses[0]
        self._began = self._before[-1].ended if self._before else self._began
        self._seen = []


def over_floor(pcm: bytes, since: int) -> bytes:
    """Return 16-bit audio with a faint noise under it, so that no band of it is empty; `since`: its first sample.

    A telephone line leaves nothing above 4 kHz, and the logarithm of nothing is like no speech that a model was
    trained on. The noise depends on the place in the stream alone: the same every time, however the audio is cut.
    """
    samples = np.frombuffer(pcm, np.int16)
    floor = np.resize(np.roll(_FLOOR, -since), samples.size)
    heard: bytes = np.clip(samples + floor, -32768, 32767).astype(np.int16).tobytes()
    return heard


def continued(seen: Sequence[Word], texts: Sequence[str], began: int, fed_to: int) -> list[Word]:
    """Return a partial result's words with times; `seen`: those of the one before.

    Vosk gives partial results without times (with them, it gives one a second): a word is taken to have ended
    a little before it was first seen.
    """
    same = 0
    while same < min(len(texts), len(seen)) and texts[same] == seen[same].text:
        same += 1
    words = list(seen[:same])
    ended = max(began, fed_to - _SEEN_AFTER_MS)
    for text in texts[same:]:
        from_ms = words[-1].ended if words else began
        words.append(
            Word(text=text, syllables=syllables(text), began=from_ms, ended=ended, confidence_pct=_UNKNOWN_PCT)
        )
    return words


def timed(answer: dict[str, Any], offset_ms: float) -> tuple[Word, ...]:
    """Return the words of one of Vosk's final answers; `offset_ms`: session time of the recogniser's first sample."""
    return tuple(
        Word(
            text=word["word"],
            syllables=syllables(word["word"]),
            began=round(offset_ms + word["start"] * 1000),
            ended=round(offset_ms + word["end"] * 1000),
            confidence_pct=round(word.get("conf", 0) * 100),
        )
        for word in answer.get("result", ())
    )
