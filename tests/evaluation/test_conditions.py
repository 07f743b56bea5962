import numpy as np
import pytest

from pi_companion.evaluation.conditions import CLEAN, CONDITIONS, seed, speech_power
from pi_companion.evaluation.material import Samples

SECOND = 16000


def voice(loudness: float = 3000.0) -> Samples:
    """A second of a tone at 1 kHz between two of silence."""
    tone = loudness * np.sin(2 * np.pi * 1000 * np.arange(SECOND) / SECOND)
    silence = np.zeros(SECOND)
    samples: Samples = np.concatenate([silence, tone, silence]).astype(np.int16)
    return samples


def talk() -> Samples:
    return np.random.default_rng(1).integers(-2000, 2000, 2 * SECOND).astype(np.int16)


def damaged(name: str, samples: Samples, file: str = "a.flac") -> Samples:
    return CONDITIONS[name].damage(samples, seed(f"{file} {name}"), talk())


@pytest.mark.parametrize("name", CONDITIONS)
def test_the_same_file_is_damaged_the_same_way_every_time(name: str) -> None:
    assert damaged(name, voice()).tobytes() == damaged(name, voice()).tobytes()


@pytest.mark.parametrize("name", CONDITIONS)
def test_damage_keeps_the_length(name: str) -> None:
    assert len(damaged(name, voice())) == 3 * SECOND


def test_two_files_get_different_noise() -> None:
    name = "white noise, 10 dB"

    assert damaged(name, voice(), "a.flac").tobytes() != damaged(name, voice(), "b.flac").tobytes()


def test_as_recorded_is_bit_for_bit() -> None:
    assert damaged(CLEAN.name, voice()).tobytes() == voice().tobytes()


@pytest.mark.parametrize("kind", ["white noise", "babble"])
@pytest.mark.parametrize("snr_db", [20, 10])
def test_noise_is_as_far_below_the_speech_as_its_name_says(kind: str, snr_db: int) -> None:
    clean = voice().astype(np.float64)

    noise = damaged(f"{kind}, {snr_db} dB", voice()).astype(np.float64) - clean

    measured = 10 * np.log10(speech_power(clean) / np.mean(noise**2))
    assert measured == pytest.approx(snr_db, abs=0.1)


def test_silence_around_speech_does_not_count_into_its_power() -> None:
    tone = voice().astype(np.float64)[SECOND : 2 * SECOND]

    assert speech_power(voice().astype(np.float64)) == pytest.approx(float(np.mean(tone**2)), rel=0.01)


def test_noise_below_silence_is_silence() -> None:
    silence = np.zeros(SECOND, np.int16)

    assert not damaged("white noise, 5 dB", silence).any()


@pytest.mark.parametrize(("hz", "is_kept"), [(100, False), (1000, True), (3000, True), (5000, False)])
def test_a_telephone_line_passes_only_its_band(hz: int, is_kept: bool) -> None:
    tone = (8000 * np.sin(2 * np.pi * hz * np.arange(2 * SECOND) / SECOND)).astype(np.int16)

    heard = damaged("8 kHz A-law", tone).astype(np.float64)[SECOND // 2 : -SECOND // 2]

    assert bool(np.sqrt(np.mean(heard**2)) > 4000) == is_kept


def test_twelve_decibels_quieter_is_a_quarter() -> None:
    assert damaged("12 dB quieter", voice()).max() == pytest.approx(3000 / 4, rel=0.01)


def test_too_loud_is_clipped_at_full_scale_and_does_not_wrap() -> None:
    heard = damaged("18 dB too loud, clipped", voice(loudness=30000.0))

    assert (heard.max(), heard.min()) == (32767, -32768)
