"""A channel put over features is what a filter put over the sound would have made."""

import numpy as np

from firmware.model import augment, channels, features


def test_a_shift_is_what_a_filter_does_to_the_sound() -> None:
    rng = np.random.default_rng(1)
    sound = augment.coloured_noise(5 * augment.RATE_HZ, -0.3, rng) * np.float32(3000)
    size = 1 << 17
    hertz = np.fft.rfftfreq(size, 1 / augment.RATE_HZ)
    mels = 1127 * np.log(1 + np.array([20, 7600, *hertz]) / 700)  # Kaldi's scale
    centres = np.linspace(mels[0], mels[1], 42)[1:-1]
    gains = np.interp(centres, centres[[0, 10, 20, 39]], [6.0, -4.0, 3.0, -8.0])
    tilt = np.interp(mels[2:], centres, gains)
    filtered = np.fft.irfft(np.fft.rfft(sound, size) * 10 ** (tilt / 20), size)[: len(sound)]

    measured = (features.mfcc(filtered) - features.mfcc(sound)).mean(0)

    predicted = channels.shift(gains)
    assert np.abs(measured - predicted).max() < 0.06 * np.abs(predicted).max()


def test_channels_differ_and_some_speech_stays_as_it_is() -> None:
    quiet = np.zeros((3, 40), np.float32)
    made = [channels.through(quiet, np.random.default_rng(seed)) for seed in range(200)]
    assert all(np.array_equal(one[0], one[2]) for one in made)
    unchanged = sum(not one.any() for one in made)
    assert 10 < unchanged < 60
    assert np.std([one[0] for one in made], axis=0)[1] > 5
