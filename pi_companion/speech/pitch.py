"""How high is a voice? The pitch of each 20 ms of a talk spurt where it is clear, in cents above 55 Hz (VOICE-3).

A voice repeats itself every period: sound is held against itself, later by each period that a voice can have, and
the shortest one that fits nearly as well as the best is the pitch. Overtones below 800 Hz are enough, so a line that
leaves out the lowest one changes little. Where nothing fits well, nothing is claimed: noise has no pitch.

Libraries do this, too: praat-parselmouth and aubio are under the GPL, librosa is large, and they and pyworld reckon in
floats that another processor adds otherwise. Here every number is a whole one and sums of products stay below 2**53
where numpy takes them in floats: nothing depends on the order in which a processor adds, nor on how the audio was cut
(law 3). Thresholds were chosen against Praat's pitches of people reading words and sentences.
"""

import math
from typing import Final

import numpy as np
import numpy.typing as npt

from pi_companion.core.framer import SAMPLE_RATE_HZ

Numbers = npt.NDArray[np.int64]

BASE_HZ: Final = 55
HOP_MS: Final = 20
LOWEST_HZ: Final = 70
HIGHEST_HZ: Final = 400

_FACTOR: Final = 4  # pitch is looked for at 4 kHz
_RATE_HZ: Final = SAMPLE_RATE_HZ // _FACTOR
_HOP: Final = HOP_MS * _RATE_HZ // 1000
_WINDOW: Final = 25 * _RATE_HZ // 1000  # longer ones blur the quick falls of Mandarin's fourth tone
_SHORTEST: Final = _RATE_HZ // HIGHEST_HZ
_LONGEST: Final = _RATE_HZ // LOWEST_HZ
_SPAN: Final = _WINDOW + _LONGEST + 1  # samples that one window needs: one period more, to see that the best is a peak
_AT_ONCE: Final = 25  # hops: half a second is analysed in one go

_PASSED_HZ: Final = 800
_TAPS: Final = 33
_TAP_BITS: Final = 12
_DROPPED_BITS: Final = 8  # so a filtered sample has four more than one of the sound: quiet voices keep their shape

_LIKENESS_BITS: Final = 14
CLEAR_PCT: Final = 80
"""A pitch is clear if the sound is so much like itself a period later."""

NEARLY_PCT: Final = 95
"""Twice the period fits as well as the period does: the shortest one so near the best is taken."""

STEP_CENTS: Final = 300
"""A voice glides: a pitch that neither follows from the one before nor leads to the next by such a step is none."""

ASTRAY_CENTS: Final = 900
"""Farther than this from the middle of the spurt is more likely an octave mistaken than a voice."""

_LEAST: Final = 32  # of 32768, about -60 dBFS; what is weaker is no voice on a headset
_FAINT: Final = 1000  # nor is what is weaker than the loudest of the spurt by more than 30 dB
_FINE: Final = 64  # parts of a sample in which a period is told


def _low_pass() -> npt.NDArray[np.float64]:
    """Return whole numbers: a windowed sinc whose sum is about 2**12."""
    time = np.arange(_TAPS) - _TAPS // 2
    curve = np.sinc(2 * _PASSED_HZ / SAMPLE_RATE_HZ * time) * np.hanning(_TAPS + 2)[1:-1]
    rounded: npt.NDArray[np.float64] = np.rint(curve / curve.sum() * (1 << _TAP_BITS))
    return rounded


_FILTER: Final = _low_pass()
_CENTS: Final = np.array(
    [0, *(round(1200 * math.log2(_RATE_HZ * _FINE / part / BASE_HZ)) for part in range(1, (_LONGEST + 1) * _FINE))],
    np.int64,
)


class PitchTracker:
    """Feed it the sound of one spurt in pieces of any length; ask for its pitches when it is over."""

    def __init__(self) -> None:
        self._rest = bytearray()
        self._cents: list[Numbers] = []
        self._energies: list[Numbers] = []

    def feed(self, pcm: bytes) -> None:
        """Take more 16 kHz 16-bit sound of the spurt."""
        self._rest += pcm
        while len(self._rest) >= 2 * _needed(_AT_ONCE):
            self._analyse(_AT_ONCE)

    def finish(self) -> tuple[int, ...]:
        """Return the clear pitches of what was fed, in cents above 55 Hz, in order; and forget it."""
        hops = (len(self._rest) // 2 - _needed(1)) // (_HOP * _FACTOR) + 1
        if hops > 0:
            self._analyse(hops)
        cents, self._cents = self._cents, []
        energies, self._energies = self._energies, []
        self._rest.clear()
        return believed(np.concatenate(cents), np.concatenate(energies)) if cents else ()

    def _analyse(self, hops: int) -> None:
        samples = np.frombuffer(bytes(self._rest[: 2 * _needed(hops)]), "<i2")
        del self._rest[: 2 * hops * _HOP * _FACTOR]
        cents, energies = pitches(samples)
        self._cents.append(cents)
        self._energies.append(energies)


def _needed(hops: int) -> int:
    """Return how many samples of sound are needed to tell the pitch at so many hops."""
    return ((hops - 1) * _HOP + _SPAN - 1) * _FACTOR + _TAPS


def pitches(samples: npt.NDArray[np.int16]) -> tuple[Numbers, Numbers]:
    """Return cents above 55 Hz (0: not clear) and energy, one of each for every 20 ms whose sound is there."""
    windows = np.lib.stride_tricks.sliding_window_view(samples, _TAPS)[::_FACTOR].astype(np.float64)
    heard = (windows @ _FILTER).astype(np.int64) >> _DROPPED_BITS
    starts = np.arange((len(heard) - _SPAN) // _HOP + 1) * _HOP
    likeness, energies = _likeness(heard, starts)
    before, here, after = likeness[:, _SHORTEST - 1 : -2], likeness[:, _SHORTEST:-1], likeness[:, _SHORTEST + 1 :]
    # A parabola through three neighbours: how high its top is, and how far from the middle one.
    is_peak = (here >= before) & (here > after)
    bend = np.where(is_peak, 2 * here - before - after, 1)
    slope = after - before
    tops = np.where(is_peak, here + slope * slope // (8 * bend), 0)
    best = tops.max(axis=1)
    rows = np.arange(len(starts))
    first = (100 * tops >= NEARLY_PCT * best[:, None]).argmax(axis=1)
    periods = (first + _SHORTEST) * _FINE + _FINE // 2 * slope[rows, first] // bend[rows, first]
    is_clear = (100 * best >= CLEAR_PCT << _LIKENESS_BITS) & (energies >= _WINDOW * (_LEAST << 4) ** 2)
    return np.where(is_clear, _CENTS[np.where(is_clear, periods, 0)], 0), energies


def _likeness(heard: Numbers, starts: Numbers) -> tuple[Numbers, Numbers]:
    """Return, a row for each window, how like the sound is to itself so many samples later; and its energy."""
    whole = heard.astype(np.float64)
    products = np.array(
        [np.correlate(whole[start : start + _SPAN], whole[start : start + _WINDOW], "valid") for start in starts]
    ).astype(np.int64)
    sums, squares = (np.concatenate([np.zeros(1, np.int64), np.cumsum(each)]) for each in (heard, heard * heard))
    at = starts[:, None] + np.arange(_LONGEST + 2)
    # A sound card's offset is like itself at any time: each window counts from its own mean.
    sums = sums[at + _WINDOW] - sums[at]
    products -= sums[:, :1] * sums // _WINDOW
    energies = squares[at + _WINDOW] - squares[at] - sums * sums // _WINDOW
    return (2 * products << _LIKENESS_BITS) // (energies + energies[:, :1] + 1), energies[:, 0]


def believed(cents: Numbers, energies: Numbers) -> tuple[int, ...]:
    """Return the pitches (0: none) of one spurt that are loud enough, glide, and do not lie far from the others."""
    cents = np.where(energies * _FAINT >= energies.max(), cents, 0)
    glides = (np.abs(np.diff(cents)) <= STEP_CENTS) & (cents[1:] > 0) & (cents[:-1] > 0)
    is_led = np.concatenate([glides, [False]]) | np.concatenate([[False], glides])
    found = np.sort(cents[is_led])
    if not len(found):
        return ()
    middle = found[len(found) // 2]
    return tuple(int(each) for each in cents[is_led & (np.abs(cents - middle) <= ASTRAY_CENTS)])
