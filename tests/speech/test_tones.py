"""What the exchange says: busy and congestion are heard; dial tone, ringback, speech and music are neither."""

from collections.abc import Callable
from itertools import pairwise
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest
import soundfile

from pi_companion.core.framer import FRAME_MS, FRAME_SAMPLES, SAMPLE_RATE_HZ
from pi_companion.speech.tones import BusyToneListener

Sound = npt.NDArray[np.float64]
BEGAN_MS = 1000
BUSY = (350, 350)
CONGESTION = (700, 700)
TESTS = Path(__file__).parents[1]
CALLS = TESTS.parent / "pi_companion" / "bench" / "calls"


def tone(ms: int, hz: float = 450) -> Sound:
    return np.sin(2 * np.pi * hz * np.arange(ms * SAMPLE_RATE_HZ // 1000) / SAMPLE_RATE_HZ)


def silence(ms: int) -> Sound:
    return np.zeros(ms * SAMPLE_RATE_HZ // 1000)


def bursts(count: int, cadence_ms: tuple[int, int], hz: float = 450) -> Sound:
    """`count` times on and off."""
    on_ms, off_ms = cadence_ms
    return np.concatenate([tone(on_ms, hz), silence(off_ms)] * count)


def noise(like: Sound, level: float = 1.0) -> Sound:
    return level * np.random.default_rng(3).standard_normal(len(like))


def a_law(sound: Sound) -> Sound:
    """What 8-bit A-law leaves of it, peak 1."""
    size, knee = np.abs(sound), 1 + np.log(87.6)
    logarithm = np.where(size < 1 / 87.6, 87.6 * size / knee, (1 + np.log(np.maximum(87.6 * size, 1e-9))) / knee)
    coarse = np.rint(127 * logarithm) / 127
    back: Sound = np.sign(sound) * np.where(coarse < 1 / knee, coarse * knee / 87.6, np.exp(coarse * knee - 1) / 87.6)
    return back


def telephone(sound: Sound) -> Sound:
    """300 to 3400 Hz, A-law."""
    spectrum = np.fft.rfft(sound)
    hz = np.fft.rfftfreq(len(sound), 1 / SAMPLE_RATE_HZ)
    return a_law(np.fft.irfft(spectrum * ((hz >= 300) & (hz <= 3400)), len(sound)))


def frames(samples: npt.NDArray[np.int16]) -> list[bytes]:
    return [
        samples[at : at + FRAME_SAMPLES].tobytes() for at in range(0, len(samples) - FRAME_SAMPLES + 1, FRAME_SAMPLES)
    ]


def listen(samples: npt.NDArray[np.int16]) -> tuple[list[tuple[int, int]], list[bool]]:
    """Return when a busy tone was heard, each with when it began; and of each frame whether it is a tone's."""
    listener, busy, flags = BusyToneListener(), [], []
    for number, frame in enumerate(frames(samples), 1):
        listener.hear(number * FRAME_MS, frame)
        flags.append(listener.is_tone)
        if listener.busy_since is not None:
            busy.append((number * FRAME_MS, listener.busy_since))
    return busy, flags


def sampled(sound: Sound, amplitude: float = 4000) -> npt.NDArray[np.int16]:
    samples: npt.NDArray[np.int16] = np.clip(np.rint(amplitude * sound), -32768, 32767).astype(np.int16)
    return samples


def busy(
    sound: Sound, amplitude: float = 4000, line: Callable[[Sound], Sound] = lambda sound: sound
) -> list[tuple[int, int]]:
    """What is heard of a sound that begins a second after the start, and a second of silence after it."""
    return listen(sampled(line(np.concatenate([silence(BEGAN_MS), sound, silence(1000)])), amplitude))[0]


@pytest.mark.rule("CLOSE-3")
@pytest.mark.parametrize("cadence_ms", [BUSY, CONGESTION])
@pytest.mark.parametrize("line", [lambda sound: sound, telephone])
def test_the_customer_has_hung_up_once_the_busy_tone_has_sounded_twice(
    cadence_ms: tuple[int, int], line: Callable[[Sound], Sound]
) -> None:
    ((at, began),) = busy(bursts(6, cadence_ms), line=line)
    second_ended = BEGAN_MS + 2 * cadence_ms[0] + cadence_ms[1]
    assert abs(began - BEGAN_MS) <= FRAME_MS
    assert second_ended < at <= second_ended + 100


@pytest.mark.parametrize("after_ms", [0, 3, 7, 11, 15, 19])
def test_it_does_not_matter_where_the_bursts_lie_in_the_frames(after_ms: int) -> None:
    assert len(busy(np.concatenate([silence(after_ms), bursts(4, BUSY)]))) == 1


@pytest.mark.parametrize("hz", [425, 435, 445, 455, 465, 475])
@pytest.mark.parametrize("amplitude", [200, 30000])
def test_an_exchange_may_be_out_of_tune_and_loud_or_faint(hz: float, amplitude: float) -> None:
    assert len(busy(bursts(4, BUSY, hz), amplitude)) == 1


@pytest.mark.parametrize("hz", [350, 400, 500, 620])
def test_another_pitch_is_another_tone(hz: float) -> None:
    assert busy(bursts(6, BUSY, hz)) == []


def test_a_noisy_line_does_not_hide_it() -> None:
    sound = np.concatenate([silence(BEGAN_MS), bursts(4, BUSY), silence(500)])
    (heard,), _ = listen(sampled(telephone(0.8 * sound + noise(sound, 0.08))))  # 17 dB
    assert abs(heard[1] - BEGAN_MS) <= FRAME_MS


def test_one_busy_tone_is_told_once_and_another_again() -> None:
    twice = np.concatenate([bursts(8, BUSY), silence(2000), bursts(3, BUSY)])
    assert len(busy(bursts(20, BUSY))) == 1
    assert len(busy(twice)) == 2


def test_a_single_burst_is_not_enough() -> None:
    assert busy(bursts(1, BUSY)) == []


@pytest.mark.parametrize(
    ("name", "sound"),
    [
        ("dial tone", tone(8000)),
        ("ringback", bursts(3, (1000, 4000))),
        ("call waiting", bursts(3, (400, 4000))),
        ("special information", bursts(20, (100, 100))),
        ("no such number", np.concatenate([bursts(3, (100, 100)), bursts(1, (400, 400))] * 4)),
        ("another country's busy tone", bursts(6, (500, 500))),
        ("a longer pause", bursts(4, (350, 700))),
        ("a longer burst", bursts(4, (700, 350))),
        ("two tones at once", bursts(6, BUSY) / 2 + bursts(6, BUSY, 620) / 2),
        ("a melody without pauses", np.concatenate([tone(350, hz) for hz in (440, 494, 523, 440, 392, 440, 587, 440)])),
        ("a melody between", np.concatenate([tone(350, hz) for hz in (450, 660) * 4])),
        ("two notes", np.concatenate([bursts(1, BUSY, hz) for hz in (430, 466) * 4])),
        ("a swell", np.concatenate([bursts(1, BUSY) * level for level in (0.1, 0.2, 0.4, 0.8)])),
        ("music behind", bursts(6, BUSY) + 0.5 * np.resize(tone(300, 330), len(bursts(6, BUSY)))),
    ],
)
def test_other_tones_are_no_busy_tone(name: str, sound: Sound) -> None:
    assert busy(sound) == [], name


class TestCadence:
    """From 0.28 to 0.42 s is busy, from 0.56 to 0.84 s congestion, both bursts and the pause."""

    @pytest.mark.parametrize(("ms", "is_heard"), [(260, False), (280, True), (420, True), (440, False)])
    @pytest.mark.parametrize("is_pause", [False, True])
    def test_of_busy(self, ms: int, *, is_heard: bool, is_pause: bool) -> None:
        assert bool(busy(bursts(2, (360, ms) if is_pause else (ms, 360)))) is is_heard

    @pytest.mark.parametrize(("ms", "is_heard"), [(540, False), (560, True), (840, True), (860, False)])
    @pytest.mark.parametrize("is_pause", [False, True])
    def test_of_congestion(self, ms: int, *, is_heard: bool, is_pause: bool) -> None:
        assert bool(busy(bursts(2, (700, ms) if is_pause else (ms, 700)))) is is_heard


@pytest.mark.parametrize(("part", "is_heard"), [(0.16, True), (0.2, False)])
def test_somebody_who_speaks_in_the_pause_makes_it_none(part: float, *, is_heard: bool) -> None:
    """`part` of the tone's amplitude: 12 dB is a quarter of it, in root mean square."""
    sound = bursts(2, BUSY)
    pause = slice(350 * 16, 700 * 16)
    sound[pause] = noise(sound[pause], part)
    assert bool(busy(sound)) is is_heard


@pytest.mark.parametrize(("level", "is_heard"), [(0.72, True), (0.69, False)])
def test_bursts_of_one_tone_are_as_loud_as_each_other(level: float, *, is_heard: bool) -> None:
    assert bool(busy(np.concatenate([bursts(1, BUSY), level * bursts(1, BUSY)]))) is is_heard


@pytest.mark.parametrize(("amplitude", "is_heard"), [(140, False), (150, True)])
def test_what_nobody_would_hear_is_no_tone(amplitude: float, *, is_heard: bool) -> None:
    assert bool(busy(bursts(2, BUSY), amplitude)) is is_heard


def test_lost_input_parts_two_bursts() -> None:
    listener = BusyToneListener()
    told = []
    for number, frame in enumerate(frames(sampled(bursts(2, BUSY))), 1):
        if number == 30:
            listener.forget()
        listener.hear(number * FRAME_MS, frame)
        told.append(listener.busy_since)
    assert told == [None] * 70


def test_the_frames_of_a_tone_and_of_its_ending_are_no_speech() -> None:
    _, flags = listen(sampled(np.concatenate([silence(200), bursts(2, BUSY), silence(200)])))
    drawing = "".join("#" if flag else "." for flag in flags)
    assert drawing == "." * 10 + "#" * 22 + "." * 13 + "#" * 22 + "." * 23


def test_who_speaks_up_right_after_a_tone_is_heard() -> None:
    loud = 2 * tone(400, 300)
    _, flags = listen(sampled(np.concatenate([tone(400), loud])))
    assert flags == [True] * 20 + [False] * 20


def recordings() -> list[tuple[Path, int]]:
    calls = [(path, side) for path in sorted(CALLS.glob("*/audio.flac")) for side in (0, 1)]
    return [*((path, 0) for path in sorted((TESTS / "negative").glob("*.ogg"))), *calls]


@pytest.mark.parametrize(("path", "side"), recordings(), ids=lambda value: getattr(value, "name", str(value)))
def test_nobody_who_talks_sounds_like_a_busy_tone(path: Path, side: int) -> None:
    samples, rate_hz = soundfile.read(path, dtype="int16", always_2d=True)
    busy_since, flags = listen(np.ascontiguousarray(samples[:, side]))
    runs = [after - before for before, after in pairwise([-1, *(at for at, flag in enumerate(flags) if not flag)])]
    assert (rate_hz, busy_since) == (SAMPLE_RATE_HZ, [])
    assert max(runs) - 1 <= 4  # frames: far from a burst, and too few to keep an utterance from being one
