"""Syllables by sound alone: made vowels with dips, nasals and hiss between them, cut anyhow."""

from itertools import pairwise

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pi_companion.speech.nuclei import NucleusCounter, band_powers, count

Sound = npt.NDArray[np.float64]
RATE_HZ = 16000


def tones(lowest_hz: int, highest_hz: int, ms: int) -> Sound:
    """A voice at 125 Hz as far as its overtones lie between the two frequencies; peak about 1."""
    time_s = np.arange(ms * RATE_HZ // 1000) / RATE_HZ
    overtones = [number for number in range(1, 64) if lowest_hz <= 125 * number <= highest_hz]
    voice: Sound = sum((np.sin(2 * np.pi * 125 * k * time_s + k * k) for k in overtones), np.zeros(len(time_s)))
    return voice / max(1.0, float(np.abs(voice).max()))


def hiss(lowest_hz: int, highest_hz: int, ms: int) -> Sound:
    """Noise between the two frequencies; root mean square 0.2."""
    length = ms * RATE_HZ // 1000
    spectrum = np.fft.rfft(np.random.default_rng(7).standard_normal(length))
    hz = np.fft.rfftfreq(length, 1 / RATE_HZ)
    noise: Sound = np.fft.irfft(spectrum * ((hz >= lowest_hz) & (hz <= highest_hz)), length)
    return 0.2 * noise / float(np.sqrt(np.mean(noise**2)))


def vowel(ms: int = 120) -> Sound:
    return tones(150, 3400, ms)


def silence(ms: int) -> Sound:
    return np.zeros(ms * RATE_HZ // 1000)


def nuclei(*sounds: Sound, amplitude: int = 8000) -> int:
    counter = NucleusCounter()
    counter.feed(pcm(*sounds, amplitude=amplitude))
    return counter.finish()


def pcm(*sounds: Sound, amplitude: int = 8000) -> bytes:
    whole = np.concatenate([silence(300), *sounds, silence(400)])
    samples: npt.NDArray[np.int16] = np.rint(amplitude * whole).astype("<i2")
    return samples.tobytes()


def speech(syllables: int, gap: Sound) -> list[Sound]:
    return [sound for _ in range(syllables) for sound in (vowel(), gap)]


@pytest.mark.parametrize("syllables", [1, 2, 5, 20])
@pytest.mark.parametrize("gap_ms", [60, 100, 200])
def test_vowels_with_silence_between_them_are_as_many_nuclei(syllables: int, gap_ms: int) -> None:
    assert nuclei(*speech(syllables, silence(gap_ms))) == syllables


def test_a_long_steady_vowel_is_one() -> None:
    assert nuclei(vowel(1500)) == 1


def test_a_nasal_as_loud_as_the_vowels_beside_it_parts_them() -> None:
    assert nuclei(vowel(), tones(150, 400, 70), vowel()) == 2


def test_hiss_between_vowels_is_no_nucleus() -> None:
    assert nuclei(*speech(3, hiss(4000, 8000, 80))) == 3


@pytest.mark.parametrize("amplitude", [100, 1000, 32767])
def test_quiet_and_loud_speech_count_alike(amplitude: int) -> None:
    assert nuclei(*speech(6, silence(80)), amplitude=amplitude) == 6


def test_what_a_telephone_leaves_out_is_not_missed() -> None:
    rich = [tones(150, 7900, 120), hiss(4000, 8000, 80)] * 4
    on_the_line = [tones(300, 3400, 120), silence(80)] * 4
    assert (nuclei(*rich), nuclei(*on_the_line)) == (4, 4)


def test_room_noise_ten_db_below_the_voice_changes_nothing() -> None:
    voice = np.concatenate(speech(8, silence(100)))
    noise = hiss(50, 7900, 1760)
    level = float(np.sqrt(np.mean(voice**2) / np.mean(noise**2)) * 10**-0.5)
    assert nuclei(voice + level * noise) == 8


def test_silence_and_too_little_to_tell_hold_none() -> None:
    assert (NucleusCounter().finish(), nuclei(), nuclei(silence(2000))) == (0, 0, 0)
    short = NucleusCounter()
    short.feed(np.rint(8000 * vowel(19)).astype("<i2").tobytes())
    assert short.finish() == 0


def test_a_count_leaves_nothing_for_the_next_spurt() -> None:
    counter = NucleusCounter()
    counter.feed(pcm(*speech(5, silence(80))))
    first = counter.finish()
    counter.feed(pcm(vowel()))
    assert (first, counter.finish(), counter.finish()) == (5, 1, 0)


SPOKEN = pcm(*speech(4, hiss(200, 7900, 80) * 0.3), vowel(300))


@settings(max_examples=30)
@given(st.lists(st.integers(0, len(SPOKEN)), max_size=20))
def test_however_the_sound_is_cut_the_count_is_the_same(cuts: list[int]) -> None:
    counter = NucleusCounter()
    edges = [0, *sorted(cuts), len(SPOKEN)]
    for began, ended in pairwise(edges):
        counter.feed(SPOKEN[began:ended])
    assert counter.finish() == 5


class TestSums:
    """Whole numbers: as exact at full scale as Python's own."""

    def test_are_those_of_unbounded_integers(self) -> None:
        loudest = np.tile(np.array([32767, -32768] * 4 + [-32768, 32767] * 4, np.int16), 40)[:480]
        assert band_powers(loudest).tolist() == [powers_slowly(loudest[start : start + 320]) for start in (0, 160)]

    def test_of_a_tone_lie_in_its_band(self) -> None:
        tone = np.rint(10000 * np.sin(2 * np.pi * 700 * np.arange(320) / RATE_HZ)).astype(np.int16)
        (powers,) = band_powers(tone).tolist()
        assert powers.index(max(powers)) == 4  # 600 to 800 Hz


def powers_slowly(window: npt.NDArray[np.int16]) -> list[int]:
    """The definition, in Python's integers."""
    edges_hz = (150, 250, 350, 450, 600, 800, 1050, 1400, 1900)
    time_s = (np.arange(320) - 159.5) / RATE_HZ
    bell = np.hanning(320)
    powers = [0] * 8
    for hz in range(175, 1900, 50):
        band = sum(hz > edge for edge in edges_hz[1:])
        for wave in (np.cos, np.sin):
            weights = [round(float(weight) * 2048) for weight in wave(2 * np.pi * hz * time_s) * bell]
            powers[band] += (sum(int(a) * b for a, b in zip(window, weights, strict=True)) >> 12) ** 2
    return powers


def plateaus(*powers: float) -> npt.NDArray[np.int64]:
    """Band powers that stand still for 0.4 s each, alike in all bands."""
    return np.repeat(np.array([round(power) for power in powers], np.int64), 40)[:, None].repeat(8, axis=1)


LOUD = 1e9


@pytest.mark.parametrize(("dip_db", "expected"), [(0.65, 1), (0.75, 2)])
def test_a_dip_of_seven_tenths_of_a_db_parts_two_nuclei(dip_db: float, expected: int) -> None:
    assert count(plateaus(0, LOUD, LOUD * 10 ** (-dip_db / 10), LOUD, 0)) == expected


class TestDipAskedFor:
    """Seven tenths of a dB at 250 ms from nucleus to nucleus, more or less with the square of that, 0.3 to 1.4 dB."""

    @pytest.mark.parametrize(
        ("apart_ms", "dip_db", "parted"),
        [
            (220, 0.5, False),
            (220, 0.6, True),
            (200, 0.4, False),
            (200, 0.5, True),
            (120, 0.25, False),
            (120, 0.35, True),
        ],
    )
    def test_is_shallower_in_fast_speech(self, apart_ms: int, dip_db: float, *, parted: bool) -> None:
        fast = train(5, apart_ms, depth_db=30)
        assert count(joined(fast, plateaus(LOUD, lower(dip_db), LOUD, 0))) == 6 + parted

    @pytest.mark.parametrize(
        ("apart_ms", "dip_db", "expected"),
        [(260, 0.7, 1), (260, 0.8, 6), (300, 0.95, 1), (300, 1.05, 6), (400, 1.35, 1), (400, 1.45, 6)],
    )
    def test_is_deeper_in_slow_speech(self, apart_ms: int, dip_db: float, expected: int) -> None:
        assert count(joined(train(6, apart_ms, depth_db=dip_db), plateaus(0))) == expected

    @pytest.mark.parametrize(("peaks", "expected"), [(5, 5), (6, 1)])
    def test_stays_as_it_is_in_a_short_answer(self, peaks: int, expected: int) -> None:
        assert count(joined(train(peaks, 400, depth_db=1), plateaus(0))) == expected


def train(peaks: int, apart_ms: int, *, depth_db: float) -> npt.NDArray[np.int64]:
    """Silence, then peaks with dips between them and after the last, as long as the peaks."""
    hops = apart_ms // 20
    swing = np.repeat(np.array([round(LOUD), lower(depth_db)], np.int64), hops)
    return joined(plateaus(0), np.tile(swing, peaks)[:, None].repeat(8, axis=1))


def lower(by_db: float) -> int:
    return round(LOUD * 10 ** (-by_db / 10))


def joined(*powers: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
    return np.concatenate(powers)


@pytest.mark.parametrize(("times_noise", "expected"), [(2.4, 0), (2.7, 1)])
def test_a_nucleus_stands_out_of_the_noise(times_noise: float, expected: int) -> None:
    # 2.5 dB above the noise once as much is added to both: (2.56 + 1) / (1 + 1).
    assert count(plateaus(1e6, 1e6 * times_noise, 1e6)) == expected


@pytest.mark.parametrize(("part", "expected"), [(1 / 2200, 1), (1 / 1700, 2)])
def test_what_is_far_weaker_than_the_loudest_is_none(part: float, expected: int) -> None:
    # 2.5 dB above silence once 1/1500 of the loudest is added to both: 1500 / 1929 + 1.
    assert count(plateaus(0, LOUD, 0, LOUD * part, 0)) == expected


def test_what_still_rises_when_the_sound_ends_counts() -> None:
    assert count(plateaus(0, LOUD)) == 1
