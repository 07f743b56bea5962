"""How is Vosk made to stream one side? Word times in session milliseconds, early partial results, bounded memory."""

import json
from pathlib import Path
from typing import Any, Final

import vosk

from pi_companion.core.facts import Word
from pi_companion.core.framer import SAMPLE_RATE_HZ
from pi_companion.errors import ModelError
from pi_companion.speech.ear import Hypothesis
from pi_companion.speech.phonetics import syllables

_RENEW_AFTER_SAMPLES: Final = 3600 * SAMPLE_RATE_HZ  # Vosk counts time from its first sample, in 32-bit floats

_SEEN_AFTER_MS: Final = 250
"""From the end of a word to the partial result that first has it."""

_UNKNOWN_PCT: Final = 0
"""Partial results carry no confidence."""


def load(path: Path) -> Any:  # noqa: ANN401 - vosk publishes no types
    """Load a model folder that `models.check` has passed. Raises ModelError if Vosk refuses it."""
    vosk.SetLogLevel(-1)
    try:
        return vosk.Model(str(path))
    except Exception as error:  # vosk raises bare Exception
        message = f"{path}: Vosk cannot load this model ({error}); try `pi-companion model verify`"
        raise ModelError(message) from error


class VoskRecogniser:
    """One side's recogniser; several share one model."""

    def __init__(self, model: Any) -> None:  # noqa: ANN401 - vosk publishes no types
        self._model = model
        self._make()

    def _make(self) -> None:
        self._vosk = vosk.KaldiRecognizer(self._model, SAMPLE_RATE_HZ)
        self._vosk.SetWords(True)
        self._fed_samples = 0
        self._offset_ms = 0.0
        self._began = 0
        self._seen: list[Word] = []

    def begin(self, at: int) -> None:
        """Start an utterance whose first sample was taken at `at`."""
        if self._fed_samples > _RENEW_AFTER_SAMPLES:
            self._make()
        self._offset_ms = at - self._fed_samples * 1000 / SAMPLE_RATE_HZ
        self._began, self._seen = at, []

    def feed(self, pcm: bytes) -> Hypothesis | None:
        """Take more audio; return a hypothesis when it is a new one."""
        self._fed_samples += len(pcm) // 2
        if self._vosk.AcceptWaveform(pcm):
            self._seen = []
            return self._final(self._vosk.Result())
        return self._partial(json.loads(self._vosk.PartialResult())["partial"].split())

    def finish(self) -> Hypothesis:
        """End the utterance."""
        return self._final(self._vosk.FinalResult())

    def _final(self, answer: str) -> Hypothesis:
        words = tuple(self._word(word) for word in json.loads(answer).get("result", ()))
        self._began = words[-1].ended if words else self._began
        return Hypothesis(words=words, is_final=True)

    def _partial(self, texts: list[str]) -> Hypothesis | None:
        """Return the partial result if it is a new one.

        Vosk gives partial results without times (with them, it gives one a second): a word is taken to have ended
        a little before it was first seen.
        """
        if texts == [word.text for word in self._seen]:
            return None
        same = 0
        while same < min(len(texts), len(self._seen)) and texts[same] == self._seen[same].text:
            same += 1
        del self._seen[same:]
        fed_to = round(self._offset_ms + self._fed_samples * 1000 / SAMPLE_RATE_HZ)
        ended = max(self._began, fed_to - _SEEN_AFTER_MS)
        for text in texts[same:]:
            began = self._seen[-1].ended if self._seen else self._began
            word = Word(text=text, syllables=syllables(text), began=began, ended=ended, confidence_pct=_UNKNOWN_PCT)
            self._seen.append(word)
        return Hypothesis(words=tuple(self._seen), is_final=False)

    def _word(self, word: dict[str, Any]) -> Word:
        return Word(
            text=word["word"],
            syllables=syllables(word["word"]),
            began=round(self._offset_ms + word["start"] * 1000),
            ended=round(self._offset_ms + word["end"] * 1000),
            confidence_pct=round(word["conf"] * 100),
        )
