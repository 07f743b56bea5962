"""Another microphone, room or line, put over features that are made already: a filter is a constant in the cepstrum.

A linear filter adds its logarithmic gain to every mel band, so MFCC shift by one vector for the whole utterance. This
varies the tone of speech far more widely, and far more cheaply, than filtering it: what recordings of people differ in
most is tilt and bass.
"""

import numpy as np
import numpy.typing as npt

from firmware.model import cmvn
from firmware.model.features import COEFFICIENTS

_LIFTER = 22  # Kaldi's default
_PER_DB = np.log(10) / 10  # Kaldi's bands are natural logarithms of power
_KNOTS = np.array([0, 2, 4, 7, 11, 16, 22, 30, 39])  # mel bands, 60 Hz to 7300 Hz

_k = np.arange(COEFFICIENTS)[:, None]
_COSINES = np.sqrt(2 / COEFFICIENTS) * np.cos(np.pi / COEFFICIENTS * _k * (np.arange(COEFFICIENTS) + 0.5))
_COSINES[0] = np.sqrt(1 / COEFFICIENTS)
_COSINES *= 1 + 0.5 * _LIFTER * np.sin(np.pi * _k / _LIFTER)


def shift(gains_db: npt.NDArray[np.floating]) -> npt.NDArray[np.float32]:
    """What gains of the 40 mel bands, in dB, add to the 40 cepstra."""
    return np.asarray(_COSINES @ (np.asarray(gains_db) * _PER_DB), np.float32)


def gains(rng: np.random.Generator) -> npt.NDArray[np.floating]:
    """Gains of the 40 mel bands, in dB: a tilt of up to 15 dB, hills of 5, and more or less bass."""
    position = _KNOTS / _KNOTS[-1]
    knots = rng.uniform(-15, 15) * (position - 0.4) + rng.normal(0, 5, len(_KNOTS))
    knots[:3] += rng.uniform(-8, 12) * np.array([1, 0.8, 0.4])
    return np.asarray(np.interp(np.arange(COEFFICIENTS), _KNOTS, knots))


def through(
    features: npt.NDArray[np.floating], rng: np.random.Generator, share: float = 0.85
) -> npt.NDArray[np.float32]:
    """The features (frames, 40) through a channel of their own; as they are in the share left."""
    return np.asarray(features + (shift(gains(rng)) if rng.random() < share else 0), np.float32)


def normalised(
    features: npt.NDArray[np.floating], mean: npt.NDArray[np.floating], rng: np.random.Generator
) -> npt.NDArray[np.float32]:
    """Through a channel, then as Vosk hears it with cmvn.py: half the time at once, half in an ongoing conversation."""
    varied = through(features, rng)
    heard_before = int(rng.integers(0, cmvn.WINDOW)) if rng.random() < 0.5 else 0
    return cmvn.online(varied, mean, heard_before=heard_before)
