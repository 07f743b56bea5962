"""How many syllables does a talk spurt have, by its sound alone? Peaks of the vowels' energy, counted.

Each syllable has one nucleus, its vowel, louder between 150 and 1900 Hz than what surrounds it. The envelope is
the mean of eight band levels rather than the level of the whole: so a nasal between two vowels, that is as loud as
they are, still makes a dip. Nothing above 1900 Hz is used, so a telephone line changes nothing.

Every number is a whole one, and sums of products stay below 2**53 where numpy takes them in floats: the count does
not depend on the order in which a processor adds, nor on how the audio was cut (law 3). Bands and thresholds were
chosen by measurement on synthetic voices and read speech of people, clean, at 8 kHz and in noise; their neighbours
(a dip of 0.5 to 1 dB, a pace of 240 to 260 ms, dips that grow with its 1.5th to third power) do about as well.
"""

import math
from collections.abc import Sequence
from typing import Final

import numpy as np
import numpy.typing as npt

from pi_companion.core.framer import SAMPLE_RATE_HZ

Numbers = npt.NDArray[np.int64]

HOP_MS: Final = 10
_HOP: Final = HOP_MS * SAMPLE_RATE_HZ // 1000
_WINDOW: Final = 320  # samples, 20 ms: longer than a period of a low voice, shorter than any vowel
_AT_ONCE: Final = 10  # hops: a tenth of a second is analysed in one go

_EDGES_HZ: Final = (150, 250, 350, 450, 600, 800, 1050, 1400, 1900)
_STEP_HZ: Final = 50
_TABLE_BITS: Final = 11
_DROPPED_BITS: Final = 12  # of a Fourier sum, so that squares and their sums stay whole in 64 bits

_SMOOTH: Final = np.array((1, 8, 28, 56, 70, 56, 28, 8, 1), np.int64)  # a bell of 14 ms
_LOG_BITS: Final = 8
_PER_DB: Final = math.log2(10) / 10 * (1 << _LOG_BITS) * (len(_EDGES_HZ) - 1) * int(_SMOOTH.sum())
"""How much the envelope rises when every band rises by one dB."""

DIP_CENTIBELS: Final = 7
"""Two peaks are two nuclei if the envelope falls this far, in tenths of a dB, below both between them.

So at `DIP_AT_MS` from nucleus to nucleus; the dip asked for grows with the square of that distance (fast speech
runs its syllables together, slow speech wavers within them), but stays inside `DIP_RANGE_CENTIBELS`.
"""

DIP_AT_MS: Final = 250
DIP_RANGE_CENTIBELS: Final = (3, 14)
_LEAST_PACED: Final = 6
"""Fewer nuclei than this, a short answer, tell no pace: the dip stays as it is."""

RISE_CENTIBELS: Final = 25
"""A nucleus stands this far above the quietest moment of the spurt."""

_RANGE: Final = 1500
"""What is weaker than the loudest band by more than this factor (32 dB) is as good as silent."""


def _hz() -> npt.NDArray[np.float64]:
    return np.arange(_EDGES_HZ[0] + _STEP_HZ // 2, _EDGES_HZ[-1], _STEP_HZ, dtype=np.float64)


def _fourier() -> npt.NDArray[np.float64]:
    """Return cosines, then sines, of every frequency under a Hann window: whole numbers, a column each."""
    time_s = (np.arange(_WINDOW) - (_WINDOW - 1) / 2) / SAMPLE_RATE_HZ
    angles = 2 * np.pi * np.outer(time_s, _hz())
    columns = np.hstack([np.cos(angles), np.sin(angles)]) * np.hanning(_WINDOW)[:, None]
    rounded: npt.NDArray[np.float64] = np.rint(columns * (1 << _TABLE_BITS))
    return rounded


_FOURIER: Final = _fourier()
_BAND_STARTS: Final = np.searchsorted(_hz(), _EDGES_HZ[:-1])
_LOG2: Final = np.array([round(math.log2(1 + i / 256) * (1 << _LOG_BITS)) for i in range(256)], np.int64)


class NucleusCounter:
    """Feed it the sound of one spurt in pieces of any length; ask for the count when it is over."""

    def __init__(self) -> None:
        self._rest = bytearray()
        self._powers: list[Numbers] = []

    def feed(self, pcm: bytes) -> None:
        """Take more 16 kHz 16-bit sound of the spurt."""
        self._rest += pcm
        while len(self._rest) >= 2 * (_WINDOW + (_AT_ONCE - 1) * _HOP):
            self._analyse(_AT_ONCE)

    def finish(self) -> int:
        """Return the number of nuclei in what was fed, and forget it."""
        hops = (len(self._rest) // 2 - _WINDOW) // _HOP + 1
        if hops > 0:
            self._analyse(hops)
        powers, self._powers = self._powers, []
        self._rest.clear()
        return count(np.concatenate(powers)) if powers else 0

    def _analyse(self, hops: int) -> None:
        samples = np.frombuffer(bytes(self._rest[: 2 * (_WINDOW + (hops - 1) * _HOP)]), "<i2")
        del self._rest[: 2 * hops * _HOP]
        self._powers.append(band_powers(samples))


def band_powers(samples: npt.NDArray[np.int16]) -> Numbers:
    """Return the power in each band, a row for every 10 ms whose 20 ms of sound are there."""
    windows = np.lib.stride_tricks.sliding_window_view(samples, _WINDOW)[::_HOP].astype(np.float64)
    sums = (windows @ _FOURIER).astype(np.int64) >> _DROPPED_BITS
    cosines, sines = np.hsplit(sums, 2)
    powers: Numbers = np.add.reduceat(cosines * cosines + sines * sines, _BAND_STARTS, axis=1)
    return powers


def count(powers: Numbers) -> int:
    """Return how many peaks the envelope of these band powers (a row for 10 ms) has that count as nuclei.

    Counted twice: the first count tells how fast the speech is, and so how deep its dips have to be.
    """
    levels = envelope(powers)
    at = _peaks(levels, _steps(DIP_CENTIBELS))
    if len(at) < _LEAST_PACED:
        return len(at)
    shallowest, deepest = map(_steps, DIP_RANGE_CENTIBELS)
    across_ms, at_dip_ms = (at[-1] - at[0]) * HOP_MS, (len(at) - 1) * DIP_AT_MS
    dip = _steps(DIP_CENTIBELS) * across_ms**2 // at_dip_ms**2
    return len(_peaks(levels, min(max(dip, shallowest), deepest)))


def _steps(centibels: int) -> int:
    return round(centibels * _PER_DB / 10)


def _peaks(levels: Sequence[int], dip: int) -> list[int]:
    """Return where the peaks are that rise by `dip` from the dips beside them and stand out of the spurt."""
    highest = lowest = levels[0]
    least = min(levels) + _steps(RISE_CENTIBELS)
    peaks: list[int] = []
    peak, is_rising = 0, True
    for hop, level in enumerate(levels):
        if is_rising and level > highest:
            peak, highest = hop, level
        elif is_rising and level < highest - dip:
            if highest > least:
                peaks.append(peak)
            is_rising, lowest = False, level
        elif not is_rising and level > lowest + dip:
            peak, highest, is_rising = hop, level, True
        lowest = min(lowest, level)
    return [*peaks, peak] if is_rising and highest > least else peaks


def envelope(powers: Numbers) -> list[int]:
    """Return the smoothed mean of the band levels above the noise, in steps of 1 / `_PER_DB` dB."""
    rows = len(powers)
    loudest = int(np.sort(powers, axis=0)[(rows - 1) * 95 // 100].max())
    steady = np.sort(_smoothed(powers, np.ones(5, np.int64)), axis=0)[(rows - 1) * 5 // 100] // 5
    floor = np.maximum(steady, loudest // _RANGE) + 1
    return [int(level) for level in _smoothed(_log2(powers + floor).sum(axis=1, keepdims=True), _SMOOTH)[:, 0]]


def _log2(values: Numbers) -> Numbers:
    """Return the logarithm to base 2 in steps of 1/256, rounded down to what eight bits after the first tell."""
    mantissa, exponent = np.frexp(values.astype(np.float64))  # exact, and so is what follows
    logarithm: Numbers = ((exponent.astype(np.int64) - 1) << _LOG_BITS) + _LOG2[(mantissa * 512).astype(np.int64) - 256]
    return logarithm


def _smoothed(rows: Numbers, kernel: Numbers) -> Numbers:
    """Return each column convolved with `kernel`; before its first and after its last value it stands still."""
    half = len(kernel) // 2
    still = np.pad(rows, ((half, half), (0, 0)), mode="edge")
    smoothed: Numbers = sum(weight * still[at : at + len(rows)] for at, weight in enumerate(kernel))
    return smoothed
