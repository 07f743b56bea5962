"""How high a voice is: made tones, glides and pulse trains, noise and silence, cut anyhow."""

import math
from itertools import pairwise

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pi_companion.bench.calls import bundled_call
from pi_companion.core.conduct_limits import Intonation
from pi_companion.core.framer import Framer
from pi_companion.session.folder import load, read_audio
from pi_companion.speech.pitch import PitchTracker, believed, pitches

Sound = npt.NDArray[np.float64]
RATE_HZ = 16000
WITHIN_CENTS = 20


def cents(hz: float) -> float:
    return 1200 * math.log2(hz / 55)


def tone(hz: float, ms: int = 600, *, lowest: int = 1, highest: int = 1) -> Sound:
    """Overtones of `hz` from number `lowest` to `highest`, alike; peak 1."""
    time_s = np.arange(ms * RATE_HZ // 1000) / RATE_HZ
    overtones = [number for number in range(lowest, highest + 1) if number * hz < 7900]
    sound: Sound = sum((np.sin(2 * np.pi * hz * k * time_s + k * k) for k in overtones), np.zeros(len(time_s)))
    return sound / float(np.abs(sound).max())


def voice(contour_hz: Sound) -> Sound:
    """Pulses at the pitch of a contour (a value for each sample) through a vocal tract as in “a”; peak 1."""
    pulses = np.diff(np.floor(np.cumsum(contour_hz) / RATE_HZ), prepend=0)
    sound = pulses
    for hz, wide_hz in ((700, 90), (1200, 110), (2600, 160)):
        decay = np.exp(-np.pi * wide_hz / RATE_HZ)
        time = np.arange(400)
        ringing = decay**time * np.sin(2 * np.pi * hz / RATE_HZ * (time + 1))
        sound = np.convolve(sound, ringing)[: len(pulses)]
    return sound / float(np.abs(sound).max())


def noise(ms: int, seed: int = 5) -> Sound:
    """White, root mean square 1."""
    return np.random.default_rng(seed).standard_normal(ms * RATE_HZ // 1000)


def pcm(sound: Sound, amplitude: float = 8000) -> bytes:
    samples: npt.NDArray[np.int16] = np.clip(np.rint(amplitude * sound), -32768, 32767).astype("<i2")
    return samples.tobytes()


def heard(sound: Sound, amplitude: float = 8000) -> tuple[int, ...]:
    tracker = PitchTracker()
    tracker.feed(pcm(sound, amplitude))
    return tracker.finish()


def span_tenths(found: tuple[int, ...]) -> float:
    return float(np.percentile(found, 90) - np.percentile(found, 10)) / 10


HEIGHTS_HZ = (71, 80, 97.3, 123, 150, 200, 233, 301, 350, 390)


@pytest.mark.rule("VOICE-3")
@pytest.mark.parametrize("hz", HEIGHTS_HZ)
@pytest.mark.parametrize("highest", [1, 4, 100])
def test_the_pitch_of_a_steady_tone_is_within_twenty_cents(hz: float, highest: int) -> None:
    found = heard(tone(hz, highest=highest))
    assert len(found) == 28  # 600 ms: one each 20 ms but where the sound ends too soon
    assert max(abs(pitch - cents(hz)) for pitch in found) <= WITHIN_CENTS


@pytest.mark.parametrize("hz", HEIGHTS_HZ)
def test_a_line_that_leaves_out_the_lowest_overtones_changes_nothing(hz: float) -> None:
    found = heard(tone(hz, lowest=math.ceil(300 / hz), highest=int(3400 / hz)))
    assert len(found) == 28
    assert max(abs(pitch - cents(hz)) for pitch in found) <= WITHIN_CENTS


@pytest.mark.parametrize("strong", [2, 3, 4])
def test_a_strong_overtone_is_not_taken_for_the_pitch(strong: int) -> None:
    hz = 120
    sound = tone(hz, highest=20) + tone(strong * hz)
    assert max(abs(pitch - cents(hz)) for pitch in heard(sound / 2)) <= WITHIN_CENTS


@pytest.mark.parametrize("hz", [150, 220, 300, 380])
def test_two_periods_are_not_taken_for_one(hz: float) -> None:
    assert max(abs(pitch - cents(hz)) for pitch in heard(voice(np.full(9600, float(hz))))) <= WITHIN_CENTS


@pytest.mark.parametrize(("from_hz", "to_hz"), [(110, 220), (220, 110), (180, 320), (100, 110)])
def test_a_glide_is_followed(from_hz: float, to_hz: float) -> None:
    samples = RATE_HZ  # a second
    contour = from_hz * (to_hz / from_hz) ** (np.arange(samples) / samples)
    found = heard(voice(contour))
    middles = [contour[320 * hop + 256] for hop in range(len(found))]
    assert len(found) >= 46
    assert max(abs(pitch - cents(hz)) for pitch, hz in zip(found, middles, strict=True)) <= 60


@pytest.mark.rule("VOICE-3")
def test_flat_speech_spans_little_and_lively_speech_much() -> None:
    time_s = np.arange(4 * RATE_HZ) / RATE_HZ
    flat = heard(voice(180 * 2 ** (0.5 / 12 * np.sin(2 * np.pi * 2 * time_s))))
    lively = heard(voice(180 * 2 ** (4 / 12 * np.sin(2 * np.pi * 2 * time_s))))
    assert (round(span_tenths(flat)), round(span_tenths(lively))) == (9, 76)


@pytest.mark.rule("VOICE-3")
@pytest.mark.parametrize(("name", "span"), [("03-hold-with-consent", 98), ("06-talks-over", 65)])
def test_the_agents_of_the_bundled_calls_are_far_from_flat(name: str, span: int) -> None:
    frames = Framer().cut(read_audio(load(bundled_call(name))))
    tracker = PitchTracker()
    tracker.feed(b"".join(frame.agent for frame in frames))
    assert abs(span_tenths(tracker.finish()) - span) <= 5 < span - Intonation().flat_below_tenths


@pytest.mark.parametrize("amplitude", [150, 1000, 32767])
def test_quiet_and_loud_voices_have_the_same_pitch(amplitude: int) -> None:
    assert max(abs(pitch - cents(200)) for pitch in heard(tone(200, highest=5), amplitude)) <= 1


@pytest.mark.parametrize("offset", [-12000, 300, 12000])
def test_a_sound_cards_offset_is_no_pitch_and_changes_none(offset: int) -> None:
    sound = tone(200, highest=5)
    assert heard(sound + offset / 8000) == heard(sound)
    assert heard(noise(2000) * 0.1 + offset / 8000) == ()


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("wide", [1, 4, 16, 40])
def test_noise_has_no_pitch(seed: int, wide: int) -> None:
    """`wide`: samples over which it is averaged; so it lacks what is high."""
    assert heard(np.convolve(noise(5000, seed), np.ones(wide) / wide), 6000) == ()


def test_silence_mains_hum_and_too_little_to_tell_have_none() -> None:
    sounds = (np.zeros(RATE_HZ), tone(50), tone(200, highest=4)[: RATE_HZ * 50 // 1000])
    assert [heard(sound) for sound in sounds] == [(), (), ()]
    assert (PitchTracker().finish(), heard(tone(200), 10)) == ((), ())


def test_noise_fifteen_db_below_the_voice_changes_little() -> None:
    sound = voice(np.full(2 * RATE_HZ, 170.0))
    level = float(np.sqrt(np.mean(sound**2))) * 10 ** (-15 / 20)
    found = heard(sound + level * noise(2000))
    assert len(found) >= 93
    assert max(abs(pitch - cents(170)) for pitch in found) <= WITHIN_CENTS


def test_a_faint_voice_behind_a_loud_one_is_not_the_agents() -> None:
    loud, faint = tone(120, highest=5), tone(250, highest=5)
    found = heard(np.concatenate([loud, np.zeros(1600), faint / 40]))  # 32 dB
    assert found
    assert max(abs(pitch - cents(120)) for pitch in found) <= WITHIN_CENTS


def test_pitches_leave_nothing_for_the_next_spurt() -> None:
    tracker = PitchTracker()
    tracker.feed(pcm(tone(120)))
    first = tracker.finish()
    tracker.feed(pcm(tone(240)))
    second = tracker.finish()
    assert (len(first), len(second), tracker.finish()) == (28, 28, ())
    assert max(abs(pitch - cents(240)) for pitch in second) <= 2


SPOKEN = np.concatenate([np.zeros(3000), voice(np.linspace(120, 240, 12000)), 0.1 * noise(200), tone(200, 300)])


@settings(max_examples=30)
@given(st.lists(st.integers(0, 2 * len(SPOKEN)), max_size=20))
def test_however_the_sound_is_cut_the_pitches_are_the_same(cuts: list[int]) -> None:
    sound = pcm(SPOKEN)
    tracker = PitchTracker()
    edges = [0, *sorted(cuts), len(sound)]
    for began, ended in pairwise(edges):
        tracker.feed(sound[began:ended])
    assert tracker.finish() == heard(SPOKEN)


def believed_of(*found: int, energies: tuple[int, ...] = ()) -> tuple[int, ...]:
    return believed(np.array(found), np.array(energies or (1000,) * len(found)))


class TestBelief:
    """What a voice cannot do was misheard."""

    @pytest.mark.parametrize(("step", "is_kept"), [(300, True), (301, False)])
    def test_a_voice_glides_by_three_semitones_at_most(self, step: int, *, is_kept: bool) -> None:
        assert believed_of(1500, 1500 + step) == ((1500, 1500 + step) if is_kept else ())

    def test_a_single_pitch_between_none_is_none(self) -> None:
        assert believed_of(0, 1500, 0, 200, 200) == (200, 200)

    @pytest.mark.parametrize(("astray", "is_kept"), [(900, True), (901, False)])
    def test_what_lies_far_from_the_middle_is_an_octave_mistaken(self, astray: int, *, is_kept: bool) -> None:
        usual, other = (1500,) * 5, (1500 - astray,) * 2
        assert believed_of(*usual, *other) == (*usual, *(other if is_kept else ()))

    @pytest.mark.parametrize(("energy", "is_kept"), [(1000, True), (999, False)])
    def test_what_is_thirty_db_weaker_than_the_loudest_is_none(self, energy: int, *, is_kept: bool) -> None:
        found = believed_of(1500, 1500, 1600, 1600, energies=(1_000_000, 1_000_000, energy, energy))
        assert found == ((1500, 1500, 1600, 1600) if is_kept else (1500, 1500))


class TestSums:
    """Whole numbers: as exact at full scale as Python's own."""

    def test_are_those_of_unbounded_integers_and_never_overflow(self) -> None:
        square = np.where(np.arange(2000) // 40 % 2, 32767, -32768).astype(np.int16)
        found, energies = pitches(square)
        taps = taps_slowly()
        low = [sum(int(a) * b for a, b in zip(square[i : i + 33], taps, strict=True)) >> 8 for i in range(0, 1968, 4)]
        windows = [low[hop : hop + 100] for hop in range(0, 321, 80)]
        assert energies.tolist() == [sum(each**2 for each in one) - sum(one) ** 2 // 100 for one in windows]
        assert set(found.tolist()) == {round(cents(200))}


def taps_slowly() -> list[int]:
    """The low-pass, by its definition."""
    curve = [
        np.sinc(0.1 * time) * (0.5 + 0.5 * math.cos(math.pi * time / 17)) for time in range(-16, 17)
    ]  # 800 Hz of 16 kHz
    return [round(float(value / sum(curve)) * 4096) for value in curve]
