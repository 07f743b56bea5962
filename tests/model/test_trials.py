import numpy as np

from firmware.model import trials
from firmware.model.evaluate import table
from firmware.model.trials import Clip

SECOND = np.arange(16000) / 16000
CLIP = Clip(samples=(8000 * np.sin(2 * np.pi * 1000 * SECOND)).astype(np.int16), said=("a",))


def power(clip: Clip, hz: float) -> float:
    spectrum = np.abs(np.fft.rfft(clip.samples.astype(float))) / len(clip.samples)
    return float(spectrum[round(hz * len(clip.samples) / clip.rate_hz)])


def test_noise_is_ten_decibels_below_and_the_same_every_time() -> None:
    noisy = trials.noisy(CLIP, 3)
    noise = noisy.samples.astype(float) - CLIP.samples
    assert abs(10 * np.log10(np.mean(CLIP.samples.astype(float) ** 2) / np.mean(noise**2)) - trials.NOISE_DB) < 0.1
    assert np.array_equal(noisy.samples, trials.noisy(CLIP, 3).samples)


def test_a_telephone_lets_through_its_band_alone() -> None:
    low = Clip(samples=CLIP.samples + (8000 * np.sin(2 * np.pi * 60 * SECOND)).astype(np.int16), said=())
    heard = trials.telephone(low)
    assert (heard.rate_hz, len(heard.samples)) == (8000, 8000)
    assert power(heard, 1000) > 0.8 * power(CLIP, 1000)
    assert power(heard, 60) < 0.05 * power(low, 60)


def test_sounds_without_words_are_as_long_as_said_and_the_same_every_time() -> None:
    first, again = trials.silences(1 / 6), trials.silences(1 / 6)
    assert {len(samples) for samples in first.values()} == {160_000}
    assert all(np.array_equal(first[kind], again[kind]) for kind in first)


def test_a_table_has_a_column_for_each_model() -> None:
    assert table("error", ["old", "new"], [("people", ["72 %", "40 %"])]) == (
        "| error | old | new |\n|---|---|---|\n| people | 72 % | 40 % |\n"
    )
