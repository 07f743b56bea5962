"""Varied speech is still that speech: as long, as loud, as high as it should be, and the same for the same seed."""

import numpy as np
import pytest

from firmware.model import augment, nonspeech
from firmware.model.augment import RATE_HZ, Samples


def tone(hertz: float, seconds: float = 1.0, size: float = 8000) -> Samples:
    time = np.arange(int(seconds * RATE_HZ)) / RATE_HZ
    return (size * np.sin(2 * np.pi * hertz * time)).astype(np.float32)


def pitch(samples: Samples) -> float:
    spectrum = np.abs(np.fft.rfft(samples * np.hanning(len(samples))))
    return float(np.argmax(spectrum)) * RATE_HZ / len(samples)


def test_the_same_seed_gives_the_same_sound_another_another() -> None:
    speech, babble = tone(300), [tone(500, 0.7)]
    one, again, other = (augment.vary(speech, babble, np.random.default_rng(seed)) for seed in (5, 5, 6))
    assert np.array_equal(one, again)
    assert len(one) != len(other) or not np.array_equal(one, other)


@pytest.mark.parametrize("seed", range(20))
def test_a_varied_sound_is_whole_numbers_of_16_bit(seed: int) -> None:
    varied = augment.vary(tone(300), [tone(500, 0.7)], np.random.default_rng(seed))
    assert np.isfinite(varied).all()
    assert np.array_equal(varied, np.round(varied))
    assert varied.min() >= -32_768
    assert varied.max() <= 32_767
    assert 1.1 <= len(varied) / RATE_HZ <= 2.1


@pytest.mark.parametrize("factor", [0.8, 1.5, 2.0])
def test_faster_keeps_the_pitch_and_changes_the_length(factor: float) -> None:
    speech = tone(200, 2)
    faster = augment.faster(speech, factor)
    assert len(faster) / len(speech) == pytest.approx(1 / factor, rel=0.06)
    assert pitch(faster) == pytest.approx(200, abs=4)


def test_another_throat_changes_both() -> None:
    speech = tone(200, 2)
    smaller = augment.other_throat(speech, 1.25)
    assert len(smaller) / len(speech) == pytest.approx(0.8, rel=0.01)
    assert pitch(smaller) == pytest.approx(250, abs=2)


def test_quiet_ends_are_cut_and_the_middle_stays() -> None:
    quiet = np.zeros(RATE_HZ, np.float32)
    cut = augment.trimmed(np.concatenate([quiet, tone(300, 0.5), quiet]))
    assert 0.5 <= len(cut) / RATE_HZ <= 0.58


def test_words_that_are_joined_are_nearly_as_long_as_they_were() -> None:
    words = [tone(200, 0.4), tone(300, 0.3, size=2000), tone(400, 0.5)]
    sentence = augment.joined(words, np.random.default_rng(1))
    assert 1.0 <= len(sentence) / RATE_HZ <= 1.5
    third = len(sentence) // 3
    assert augment.rms(sentence[third : 2 * third]) > 1500  # the quiet word was raised


def test_a_telephone_passes_its_band_only() -> None:
    passed = {hertz: augment.rms(augment.band(tone(hertz), low_hz=300, high_hz=3400)) for hertz in (60, 1000, 6000)}
    assert passed[1000] > 5000
    assert passed[60] < 100
    assert passed[6000] < 100


def test_alaw_keeps_the_sign_and_the_size_within_its_steps() -> None:
    samples = np.linspace(-32_000, 32_000, 2001).astype(np.float32)
    coded = augment.alaw(samples)
    assert np.all(np.sign(coded[np.abs(samples) > 400]) == np.sign(samples[np.abs(samples) > 400]))
    assert np.abs(coded - samples).max() < 32_768 * 0.03


def test_noise_has_the_colour_asked_for() -> None:
    rng = np.random.default_rng(1)
    for slope, louder in ((0.0, 1.0), (-1.0, 8.0)):
        spectrum = np.abs(np.fft.rfft(augment.coloured_noise(RATE_HZ, slope, rng)))
        low, high = spectrum[400:600].mean(), spectrum[3200:4800].mean()
        assert low / high == pytest.approx(louder, rel=0.25)


@pytest.mark.parametrize("name", nonspeech.MAKERS)
def test_every_sound_without_words_is_heard_and_bounded(name: str) -> None:
    for seed in range(5):
        made = nonspeech.MAKERS[name](3.0, np.random.default_rng(seed))
        assert len(made) == 3 * RATE_HZ
        assert np.isfinite(made).all()
        assert np.abs(made).max() == pytest.approx(1, abs=0.01)
