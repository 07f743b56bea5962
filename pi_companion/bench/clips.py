"""How does a clip sound on its side of the line? Cut, through the telephone, at its level, mixed with the others.

Same clips, same places: the same samples. A line is never digitally silent: a faint noise comes from a seed.
"""

from collections.abc import Iterable
from functools import lru_cache
from pathlib import Path
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import soundfile

from pi_companion import reading
from pi_companion.core.facts import Side
from pi_companion.core.framer import SAMPLE_RATE_HZ
from pi_companion.errors import CallFolderError
from pi_companion.evaluation.conditions import speech_power, telephone
from pi_companion.session.sound import whole

Samples = npt.NDArray[np.int16]
_Floats = npt.NDArray[np.float64]

_PER_MS: Final = SAMPLE_RATE_HZ // 1000
_FADE_MS: Final = 5
_USUAL_DBFS: Final = {Side.AGENT: -20, Side.CUSTOMER: -24}
_NOISE: Final = {Side.AGENT: 3, Side.CUSTOMER: 2}
"""The most that the noise of a line reaches, of 32768."""

_TONE_HZ, _TONE_MS, _TONE_DBFS = 450, 350, -24
"""Busy tone of mainland China: as long on as off."""


def read_clip(file: Path, side: Side, began: int = 0, ended: int | None = None, dbfs: int | None = None) -> Samples:
    """Return that part of a file as that side of the line carries it, at the level of its speech.

    One channel: the customer's is put through a telephone line. Two: that side's, as it is. Times in milliseconds.
    Raises `CallFolderError` for what is no sound of 16 kHz.
    """
    samples, rate_hz = _sound(file)
    channels = samples.shape[1]
    if rate_hz != SAMPLE_RATE_HZ or channels > 2:
        raise CallFolderError(file, [f"found {channels} channels at {rate_hz} Hz; allowed: 1 or 2 at 16000 Hz"])
    mono = samples[:, tuple(Side).index(side) if channels == 2 else 0]
    cut = mono[began * _PER_MS : None if ended is None else ended * _PER_MS]
    if side is Side.CUSTOMER and channels == 1:
        cut = telephone(cut)
    power = speech_power(cut.astype(np.float64))
    gain = 10 ** ((_USUAL_DBFS[side] if dbfs is None else dbfs) / 20) * 32768 / power**0.5 if power else 1.0
    place = np.arange(len(cut))
    fade = np.minimum(1, np.minimum(place, place[::-1]) / (_FADE_MS * _PER_MS))
    return _rounded(cut * gain * fade)


@lru_cache(maxsize=2)
def _sound(file: Path) -> tuple[Samples, int]:
    """Return a file's samples; several clips are often cut from one file."""
    try:
        reading.require_file(file)
        with soundfile.SoundFile(file) as sound:
            return whole(sound, "int16"), sound.samplerate
    except reading.Unreadable as why:
        raise CallFolderError(file, [str(why)]) from None
    except (soundfile.SoundFileError, OSError) as error:
        raise CallFolderError(file, [f"no readable sound: {error}"]) from error


def mixed(
    clips: Iterable[tuple[Side, int, Samples]], tones: Iterable[tuple[int, int]], length_ms: int, *, seed: int
) -> Samples:
    """Return both channels of a call: clips by side from a time on, the busy tone to the customer's side."""
    random = np.random.default_rng(seed)
    sides = {
        side: random.integers(-_NOISE[side], _NOISE[side] + 1, length_ms * _PER_MS).astype(np.float64) for side in Side
    }
    for side, began, clip in clips:
        start = began * _PER_MS
        sides[side][start : start + len(clip)] += clip
    for began, ended in tones:
        start, stop = began * _PER_MS, ended * _PER_MS
        sides[Side.CUSTOMER][start:stop] += _busy_tone(stop - start)
    return np.stack([_rounded(sides[side]) for side in Side], axis=1)


def milliseconds(samples: npt.NDArray[Any]) -> int:
    """Return how long a clip is."""
    return len(samples) // _PER_MS


def _busy_tone(samples: int) -> _Floats:
    time = np.arange(samples)
    is_on = time // (_TONE_MS * _PER_MS) % 2 == 0
    peak = 2**0.5 * 32768 * 10 ** (_TONE_DBFS / 20)
    tone: _Floats = peak * np.sin(2 * np.pi * _TONE_HZ * time / SAMPLE_RATE_HZ) * is_on
    return tone


def _rounded(samples: _Floats) -> Samples:
    rounded: Samples = np.clip(np.rint(samples), -32768, 32767).astype(np.int16)
    return rounded
