"""How is Vosk made to stream one side? Word times in session milliseconds, partial words, bounded memory."""

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
        self._vosk.SetPartialWords(True)
        self._fed_samples = 0
        self._offset_ms = 0.0
        self._last_partial = ""

    def begin(self, at: int) -> None:
        """Start an utterance whose first sample was taken at `at`."""
        if self._fed_samples > _RENEW_AFTER_SAMPLES:
            self._make()
        self._offset_ms = at - self._fed_samples * 1000 / SAMPLE_RATE_HZ
        self._last_partial = ""

    def feed(self, pcm: bytes) -> Hypothesis | None:
        """Take more audio; return a hypothesis when it is a new one."""
        self._fed_samples += len(pcm) // 2
        if self._vosk.AcceptWaveform(pcm):
            self._last_partial = ""
            return self._read(self._vosk.Result(), "result", is_final=True)
        partial = self._vosk.PartialResult()
        if partial == self._last_partial:
            return None
        self._last_partial = partial
        return self._read(partial, "partial_result", is_final=False)

    def finish(self) -> Hypothesis:
        """End the utterance."""
        return self._read(self._vosk.FinalResult(), "result", is_final=True)

    def _read(self, answer: str, key: str, *, is_final: bool) -> Hypothesis:
        return Hypothesis(words=tuple(map(self._word, json.loads(answer).get(key, ()))), is_final=is_final)

    def _word(self, word: dict[str, Any]) -> Word:
        return Word(
            text=word["word"],
            syllables=syllables(word["word"]),
            began=round(self._offset_ms + word["start"] * 1000),
            ended=round(self._offset_ms + word["end"] * 1000),
            confidence_pct=round(word["conf"] * 100),
        )
