"""Does a voice come by telephone or from a microphone beside it? How much of its sound lies above the telephone's band.

A telephone line carries 300 to 3400 Hz, a microphone all of it. Beside the ear of a side (`speech/ear.py`), whose
spurts it measures: the ratio goes with the fact that the spurt has ended.
"""

import math
from collections.abc import Iterator
from dataclasses import replace
from typing import Final, Protocol

import numpy as np

from pi_companion.core.facts import Fact, TalkSpurtEnded
from pi_companion.core.framer import FRAME_SAMPLES, SAMPLE_RATE_HZ

_BIN_HZ: Final = SAMPLE_RATE_HZ // FRAME_SAMPLES
_SPEECH: Final = slice(300 // _BIN_HZ, 3400 // _BIN_HZ + 1)
_TREBLE: Final = slice(4500 // _BIN_HZ, 7500 // _BIN_HZ + 1)  # clear of the skirts of a line's filters
_WINDOW: Final = np.hanning(FRAME_SAMPLES)
_LOWEST_DB: Final = -90


class Hears(Protocol):
    """An ear."""

    @property
    def is_talking(self) -> bool:
        """Whether a spurt is open."""

    def hear(self, at: int, frame: bytes) -> Iterator[Fact]:
        """Take 20 ms; yield what became known."""

    def stop(self, at: int) -> Iterator[Fact]:
        """Close an open spurt."""


class BandedEar:
    """An ear whose finished spurts tell how much of them is treble."""

    def __init__(self, ear: Hears) -> None:
        self._ear = ear
        self._speech = self._treble = 0.0

    @property
    def is_talking(self) -> bool:
        """Whether a spurt is open."""
        return self._ear.is_talking

    def hear(self, at: int, frame: bytes) -> Iterator[Fact]:
        """Take the 20 ms that ended at `at`; yield what became known."""
        was_talking = self._ear.is_talking
        facts = tuple(self._ear.hear(at, frame))
        if was_talking or self._ear.is_talking:
            powers = np.abs(np.fft.rfft(np.frombuffer(frame, np.int16) * _WINDOW)) ** 2
            self._speech += float(powers[_SPEECH].sum())
            self._treble += float(powers[_TREBLE].sum())
        yield from map(self._with_treble, facts)

    def stop(self, at: int) -> Iterator[Fact]:
        """Close an open utterance: input was lost, or the session is over."""
        yield from map(self._with_treble, self._ear.stop(at))

    def _with_treble(self, fact: Fact) -> Fact:
        if not isinstance(fact, TalkSpurtEnded):
            return fact
        speech, treble, self._speech, self._treble = self._speech, self._treble, 0.0, 0.0
        if not speech:
            return fact
        ratio_db = round(10 * math.log10(treble / speech)) if treble else _LOWEST_DB
        return replace(fact, treble_db=max(_LOWEST_DB, ratio_db))
