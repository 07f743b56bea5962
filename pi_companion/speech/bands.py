"""Does a voice come by telephone or from a microphone beside it? How much of its sound lies above the telephone's band.

A telephone line carries 300 to 3400 Hz, a microphone all of it. Beside the ear of a side (`speech/ear.py`), whose
spurts it measures: the ratio goes with the fact that the spurt has ended. It also tells when a side gives nothing but
zeros, which is not how silence sounds.
"""

import math
from collections.abc import Iterator
from dataclasses import replace
from typing import Final, Protocol

import numpy as np

from pi_companion.core.facts import Fact, Side, SignalChanged, TalkSpurtEnded
from pi_companion.core.framer import FRAME_MS, FRAME_SAMPLES, SAMPLE_RATE_HZ

_BIN_HZ: Final = SAMPLE_RATE_HZ // FRAME_SAMPLES
_SPEECH: Final = slice(300 // _BIN_HZ, 3400 // _BIN_HZ + 1)
_TREBLE: Final = slice(4500 // _BIN_HZ, 7500 // _BIN_HZ + 1)  # clear of the skirts of a line's filters
_WINDOW: Final = np.hanning(FRAME_SAMPLES)
_LOWEST_DB: Final = -90
_NOTHING: Final = bytes(2 * FRAME_SAMPLES)
_NOTHING_MS: Final = 30000
_ONE_IN: Final = 4  # frames of a spurt: a voice does not change so fast that all of them need to be measured


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
    """The ear of a side, whose finished spurts tell how much of them is treble."""

    def __init__(self, side: Side, ear: Hears) -> None:
        self._side, self._ear = side, ear
        self._nothing_ms = 0
        self._speech = self._treble = 0.0
        self._frames = 0

    @property
    def is_talking(self) -> bool:
        """Whether a spurt is open."""
        return self._ear.is_talking

    def hear(self, at: int, frame: bytes) -> Iterator[Fact]:
        """Take the 20 ms that ended at `at`; yield what became known."""
        was_there = self._nothing_ms < _NOTHING_MS
        self._nothing_ms = 0 if frame != _NOTHING else min(self._nothing_ms + FRAME_MS, _NOTHING_MS)
        if was_there != (self._nothing_ms < _NOTHING_MS):
            yield SignalChanged(at=at, side=self._side, is_there=not was_there)
        was_talking = self._ear.is_talking
        facts = tuple(self._ear.hear(at, frame))
        self._frames += 1
        if (was_talking or self._ear.is_talking) and self._frames % _ONE_IN == 0:
            powers = np.abs(np.fft.rfft(np.frombuffer(frame, np.int16) * _WINDOW)) ** 2
            self._speech += float(powers[_SPEECH].sum())
            self._treble += float(powers[_TREBLE].sum())
        for fact in facts:
            yield self._with_treble(fact)

    def stop(self, at: int) -> Iterator[Fact]:
        """Close an open utterance: input was lost, or the session is over."""
        self._nothing_ms = 0
        yield from map(self._with_treble, self._ear.stop(at))

    def _with_treble(self, fact: Fact) -> Fact:
        if not isinstance(fact, TalkSpurtEnded):
            return fact
        speech, treble, self._speech, self._treble = self._speech, self._treble, 0.0, 0.0
        if not speech:
            return fact
        ratio_db = round(10 * math.log10(treble / speech)) if treble else _LOWEST_DB
        return replace(fact, treble_db=max(_LOWEST_DB, ratio_db))
