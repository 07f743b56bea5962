"""Has the customer hung up? The exchange's busy or congestion tone on their side of the line (CLOSE-3).

In mainland China both are 450 Hz: busy 0.35 s on and off, congestion 0.7 s on and off (GF 002-9002). Dial tone is
continuous, ringback 1 s on and 4 s off, call waiting 0.4 s on and 4 s off: other cadences, no busy tone. Two bursts and
the pause between them tell, so speech and music that happen to hold 450 Hz for a moment are none. A line that merely
falls silent is not told here.

Every number is a whole one; sums stay below 2**53 where numpy takes them in floats, so nothing depends on a processor.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from pi_companion.core.framer import FRAME_MS, FRAME_SAMPLES, SAMPLE_RATE_HZ

CADENCES_MS: Final = ((280, 420), (560, 840))
"""On, and off again, for so long each: busy, congestion."""

TONES_HZ: Final = (430, 440, 450, 460, 470)
"""A frame's 20 ms tell a tone from one 25 Hz higher or lower only in part; between these nothing is lost."""

PURE_PCT: Final = 85
"""A frame is a tone if so much of its power is at one of them."""

_LEAST: Final = 100  # of 32768, about -50 dBFS: what is weaker is no tone that a person would hear
_QUIET: Final = 16  # 12 dB less than the tone: a pause
_ALIKE: Final = 2  # 3 dB: bursts of one tone are as loud as each other
_NEAR: Final = 1  # and as high, to the next of the five
_EDGES: Final = 2  # frames of a pause that hold some of the bursts beside it
_GLITCH: Final = 2  # frames of something else that do not end a burst
_OVER_MS: Final = 2000  # without a tone for so long: what comes next is another one
_ENDING_MS: Final = 100
_LASTING: Final = 5  # frames of tone that have such an ending; a syllable hardly ever has as many

_TABLE_BITS: Final = 11


def _waves() -> npt.NDArray[np.float64]:
    """Return whole numbers: cosine and sine of each frequency in turn, a column each."""
    time_s = np.arange(FRAME_SAMPLES) / SAMPLE_RATE_HZ
    angles = 2 * np.pi * np.outer(time_s, TONES_HZ)
    columns = np.stack([np.cos(angles), np.sin(angles)], axis=2).reshape(FRAME_SAMPLES, -1)
    rounded: npt.NDArray[np.float64] = np.rint(columns * (1 << _TABLE_BITS))
    return rounded


_WAVES: Final = _waves()
_MIDDLE: Final = np.ascontiguousarray(_WAVES[:, 4:6])
_SOME_PCT: Final = 25
"""So much of a tone's power is at the middle one, whichever of them it is: other sound is told apart by it first."""

_UNIT: Final = FRAME_SAMPLES * (1 << 2 * _TABLE_BITS) // 2
_LEAST_ENERGY: Final = FRAME_SAMPLES * _LEAST**2


@dataclass(frozen=True, slots=True)
class _Burst:
    """`pitch`: its place in `TONES_HZ`; `energy`: of its loudest frame."""

    began: int
    ended: int
    pitch: int
    energy: int


class BusyToneListener:
    """Feed it every frame in order; `is_tone` tells of the last one, `busy_since` what it completed."""

    def __init__(self) -> None:
        self.forget()

    def forget(self) -> None:
        """Input was lost: what comes next is another sound."""
        self.is_tone = False
        self.busy_since: int | None = None
        self._now: _Burst | None = None
        self._frames = 0
        self._last: _Burst | None = None
        self._noisy = self._noisy_before = 0
        self._is_told = False

    def hear(self, at: int, frame: bytes) -> None:
        """Take the 20 ms that ended at `at`.

        `is_tone`: they are a tone's, or its ending's: no speech. `busy_since`: when a busy tone began that is known
        for one since this frame; told once.
        """
        self.busy_since = None
        samples = np.frombuffer(frame, np.int16).astype(np.float64)
        energy = int(samples @ samples)
        pitch = _pitch(samples, energy) if energy >= _LEAST_ENERGY else None
        self.is_tone = pitch is not None
        if pitch is not None:
            self._sound(at, pitch, energy)
        elif self._now or self._last:
            self._pause(at, energy)

    def _sound(self, at: int, pitch: int, energy: int) -> None:
        if self._now and abs(self._now.pitch - pitch) <= _NEAR:
            self._now = _Burst(self._now.began, at, self._now.pitch, max(energy, self._now.energy))
            self._frames += 1
        else:
            if self._now:
                self._last = None  # another tone before this one: no pause
            self._now, self._frames = _Burst(at - FRAME_MS, at, pitch, energy), 1
            self._noisy_before = self._noisy
        self._noisy = 0

    def _pause(self, at: int, energy: int) -> None:
        tone = self._now or self._last
        if tone is None:
            return
        since_ms = at - tone.ended
        self._noisy += energy * _QUIET > tone.energy
        is_ending = self._frames >= _LASTING and since_ms <= _ENDING_MS
        self.is_tone = is_ending and energy <= tone.energy
        if self._now and since_ms > _GLITCH * FRAME_MS:
            is_pair = self._last and self._noisy_before <= _EDGES and _is_pair(self._last, self._now)
            if self._last and is_pair and not self._is_told:
                self.busy_since, self._is_told = self._last.began, True
            self._last, self._now = self._now, None
        if since_ms > _OVER_MS:
            self._last, self._is_told = None, False


def _pitch(samples: npt.NDArray[np.float64], energy: int) -> int | None:
    """Return which of the tones a frame is, if it is one."""
    cosine, sine = (samples @ _MIDDLE).tolist()
    if 100 * (int(cosine) ** 2 + int(sine) ** 2) < _SOME_PCT * _UNIT * energy:
        return None
    sums = (samples @ _WAVES).tolist()
    powers = [int(cosine) ** 2 + int(sine) ** 2 for cosine, sine in zip(sums[::2], sums[1::2], strict=True)]
    best = max(powers)
    return powers.index(best) if 100 * best >= PURE_PCT * _UNIT * energy else None


def _is_pair(first: _Burst, second: _Burst) -> bool:
    """Whether two bursts and the pause between them are those of one cadence, as loud and as high as each other."""
    lengths_ms = (first.ended - first.began, second.began - first.ended, second.ended - second.began)
    quieter, louder = sorted((first.energy, second.energy))
    return (
        any(all(least <= ms <= most for ms in lengths_ms) for least, most in CADENCES_MS)
        and louder <= _ALIKE * quieter
        and abs(first.pitch - second.pitch) <= _NEAR
    )
