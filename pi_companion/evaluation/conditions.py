"""How does the same speech sound on a worse line? Deterministic damage to 16 kHz audio, one function a condition.

Noise comes from a generator seeded by the file's name and the condition, so every run and any number of workers
measure the same samples. Levels are taken against the speech itself, not against the silence around it.
"""

import zlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import soxr

from pi_companion.core.framer import FRAME_SAMPLES, SAMPLE_RATE_HZ
from pi_companion.evaluation.material import Samples

_Floats = npt.NDArray[np.float64]

_FULL_SCALE: Final = 32768.0
_SPEECH_RANGE_DB: Final = 30
"""A 20 ms frame this far below the 95th percentile of frames is taken for silence."""

_TELEPHONE_HZ: Final = 8000
_LOW_HZ, _HIGH_HZ, _ORDER = 300.0, 3400.0, 4
_A_LAW: Final = 87.6
_TALKERS: Final = 6
"""Voices that talk at once in babble."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Condition:
    """One way the line may be. `name` is how the tables call it; `damage(speech, noise_seed, babble)` does it."""

    name: str
    damage: Callable[[Samples, int, Samples], Samples]


def seed(name: str) -> int:
    """Return a seed that depends on the name alone, on every machine."""
    return zlib.crc32(name.encode())


def speech_power(samples: _Floats) -> float:
    """Return the mean square of the frames that hold speech; 0 for silence."""
    frames = samples[: len(samples) // FRAME_SAMPLES * FRAME_SAMPLES].reshape(-1, FRAME_SAMPLES)
    if not len(frames):
        return 0.0
    powers = np.mean(frames**2, axis=1)
    loud = powers[powers >= np.percentile(powers, 95) / 10 ** (_SPEECH_RANGE_DB / 10)]
    return float(np.mean(loud[loud > 0])) if np.any(loud > 0) else 0.0


def telephone(speech: Samples) -> Samples:
    """Return the speech as a line at 8 kHz brings it: 300 to 3400 Hz, A-law with 8 bits, then back to 16 kHz.

    Nothing at all is left above 4 kHz, as in a recording made at 8 kHz; a sound card would add its own faint noise.
    """
    narrow = soxr.resample(_band(speech.astype(np.float64)), SAMPLE_RATE_HZ, _TELEPHONE_HZ, quality="HQ")
    wide = soxr.resample(_a_law(narrow), _TELEPHONE_HZ, SAMPLE_RATE_HZ, quality="HQ")
    return _rounded(np.resize(wide, len(speech)))


def at_8_khz(speech: Samples) -> Samples:
    """Return the speech as if it had been sampled at 8 kHz, brought back to 16 kHz."""
    narrow = soxr.resample(speech.astype(np.float64), SAMPLE_RATE_HZ, _TELEPHONE_HZ, quality="HQ")
    return _rounded(np.resize(soxr.resample(narrow, _TELEPHONE_HZ, SAMPLE_RATE_HZ, quality="HQ"), len(speech)))


def with_white_noise(speech: Samples, noise_seed: int, snr_db: float) -> Samples:
    """Return the speech with white noise `snr_db` below it."""
    noise = np.random.default_rng(noise_seed).standard_normal(len(speech))
    return _mixed(speech, noise, snr_db)


def with_babble(speech: Samples, noise_seed: int, snr_db: float, talk: Samples) -> Samples:
    """Return the speech with several stretches of `talk` at once, `snr_db` below it."""
    random = np.random.default_rng(noise_seed)
    noise = np.zeros(len(speech))
    for start in random.integers(0, len(talk), _TALKERS):
        noise += np.resize(np.roll(talk, -int(start)), len(speech))
    return _mixed(speech, noise, snr_db)


def louder(speech: Samples, gain_db: float) -> Samples:
    """Return the speech `gain_db` louder; what does not fit into 16 bits is clipped."""
    return _rounded(speech * 10 ** (gain_db / 20))


def _mixed(speech: Samples, noise: _Floats, snr_db: float) -> Samples:
    there = float(np.mean(noise**2))
    if not there:
        return speech
    wanted = speech_power(speech.astype(np.float64)) / 10 ** (snr_db / 10)
    return _rounded(speech + noise * np.sqrt(wanted / there))


def _band(samples: _Floats) -> _Floats:
    """Keep the telephone band with the slopes of a fourth-order Butterworth filter, without its delay."""
    size = 1 << max(1, len(samples) - 1).bit_length()
    hz = np.maximum(np.fft.rfftfreq(size, 1 / SAMPLE_RATE_HZ), 1.0)
    gain = ((1 + (_LOW_HZ / hz) ** (2 * _ORDER)) * (1 + (hz / _HIGH_HZ) ** (2 * _ORDER))) ** -0.5
    band: _Floats = np.fft.irfft(np.fft.rfft(samples, size) * gain, size)[: len(samples)]
    return band


def _a_law(samples: _Floats) -> _Floats:
    """Compress, keep 8 bits, expand (ITU-T G.711, by its formula)."""
    share = np.clip(np.abs(samples) / _FULL_SCALE, 0, 1)
    scale = 1 + np.log(_A_LAW)
    knee = 1 / _A_LAW
    pressed = np.where(share < knee, _A_LAW * share, 1 + np.log(np.maximum(_A_LAW * share, 1))) / scale
    kept = (np.floor(pressed * 127.999) + 0.5) / 128
    opened = np.where(kept < 1 / scale, kept * scale / _A_LAW, np.exp(kept * scale - 1) / _A_LAW)
    expanded: _Floats = np.sign(samples) * opened * _FULL_SCALE
    return expanded


def _rounded(samples: npt.NDArray[np.floating[Any]]) -> Samples:
    rounded: Samples = np.clip(np.rint(samples), -32768, 32767).astype(np.int16)
    return rounded


def _white(snr_db: int) -> Condition:
    return Condition(
        name=f"white noise, {snr_db} dB",
        damage=lambda speech, noise_seed, _talk: with_white_noise(speech, noise_seed, snr_db),
    )


def _babble(snr_db: int) -> Condition:
    return Condition(
        name=f"babble, {snr_db} dB",
        damage=lambda speech, noise_seed, talk: with_babble(speech, noise_seed, snr_db, talk),
    )


CLEAN: Final = Condition(name="as recorded", damage=lambda speech, _seed, _talk: speech)
NARROW: Final = Condition(name="8 kHz", damage=lambda speech, _seed, _talk: at_8_khz(speech))
TELEPHONE: Final = Condition(name="8 kHz A-law", damage=lambda speech, _seed, _talk: telephone(speech))
CONDITIONS: Final[Mapping[str, Condition]] = MappingProxyType(
    {
        condition.name: condition
        for condition in (
            CLEAN,
            NARROW,
            TELEPHONE,
            *(_white(snr_db) for snr_db in (20, 15, 10, 5)),
            *(_babble(snr_db) for snr_db in (20, 10)),
            Condition(name="12 dB quieter", damage=lambda speech, _seed, _talk: louder(speech, -12)),
            Condition(name="18 dB too loud, clipped", damage=lambda speech, _seed, _talk: louder(speech, 18)),
        )
    }
)
"""Every condition by its name, in the order of the tables; workers get the name, not the function."""
