"""What did a short utterance say, heard a second time? The customer's few words that press a key deserve it (HOLD-2).

The customer talks a lot and answers briefly: the second recogniser (`grammar`) hears an utterance only once it is over,
and only if it was short. It costs nothing for the rest. The audio is in memory until then (law 9).
"""

import json
from collections.abc import Sequence
from dataclasses import replace
from typing import Any, Final

from pi_companion.core.framer import SAMPLE_RATE_HZ
from pi_companion.speech.ear import Hypothesis
from pi_companion.speech.vosk_recogniser import RENEW_AFTER_SAMPLES, VoskRecogniser, timed, with_grammar

LONGEST_MS: Final = 3500
"""With the pause that ends it, an utterance up to this long is heard again."""

_LONGEST_BYTES: Final = LONGEST_MS * SAMPLE_RATE_HZ * 2 // 1000


class ShortAnswerRecogniser:
    """One side's recogniser that hears short utterances again with a grammar."""

    def __init__(self, model: Any, grammar: Sequence[str]) -> None:  # noqa: ANN401 - vosk publishes no types
        self._first = VoskRecogniser(model)
        self._model, self._grammar = model, tuple(grammar)
        self._make_again()
        self._began = 0
        self._audio = bytearray()
        self._is_short = True

    def _make_again(self) -> None:
        self._again = with_grammar(self._model, self._grammar)
        self._again_samples = 0

    def begin(self, at: int) -> None:
        """Start an utterance whose first sample was taken at `at`."""
        self._first.begin(at)
        if self._again_samples > RENEW_AFTER_SAMPLES:
            self._make_again()
        self._began, self._is_short = at, True
        self._audio.clear()

    def feed(self, pcm: bytes) -> Hypothesis | None:
        """Take more audio; return a hypothesis when it is a new one."""
        self._is_short = self._is_short and len(self._audio) + len(pcm) <= _LONGEST_BYTES
        if self._is_short:
            self._audio += pcm
        else:
            self._audio.clear()
        return self._first.feed(pcm)

    def finish(self) -> Hypothesis:
        """End the utterance; a short one is heard again, on a longer one the second recogniser has heard nothing."""
        hypothesis = self._first.finish()
        if not self._is_short:
            return replace(hypothesis, second=((),))
        if not self._audio:
            return hypothesis
        audio = bytes(self._audio)
        self._audio.clear()
        self._again.AcceptWaveform(audio)  # an end-point that it reports is not asked for: this is one utterance
        offset_ms = self._began - self._again_samples * 1000 / SAMPLE_RATE_HZ
        self._again_samples += len(audio) // 2
        found = json.loads(self._again.FinalResult())["alternatives"]
        return replace(hypothesis, second=tuple(dict.fromkeys(timed(each, offset_ms) for each in found)))
