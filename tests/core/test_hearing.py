"""Framer, spurts and debounce: time from counting, chunking without a trace."""

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from pi_companion.core.framer import Frame, Framer
from pi_companion.core.spurts import Began, Ended, SpurtDetector, SpurtLimits
from pi_companion.core.steady import Steady

LIMITS = SpurtLimits(onset_ms=80, hangover_ms=400, longest_ms=30000)


def flags(drawing: str) -> list[bool]:
    return [mark == "#" for mark in drawing]


def spurts(drawing: str, limits: SpurtLimits = LIMITS) -> list[tuple[int, Began | Ended]]:
    """One mark of the drawing is a frame of 20 ms."""
    detector = SpurtDetector(limits)
    found = []
    for index, is_voiced in enumerate(flags(drawing), 1):
        change = detector.flag(index * 20, is_voiced)
        if change is not None:
            found.append((index * 20, change))
    return found


def test_a_spurt_begins_with_its_first_voiced_frame_and_ends_with_its_last() -> None:
    assert spurts("..####......" + "." * 20) == [
        (120, Began(began=40)),
        (520, Ended(began=40, ended=120)),
    ]


def test_a_click_shorter_than_the_onset_is_no_spurt() -> None:
    assert spurts("..###" + "." * 30) == []


def test_a_pause_shorter_than_the_hangover_is_bridged() -> None:
    assert spurts("####" + "." * 19 + "####" + "." * 20) == [
        (80, Began(began=0)),
        (940, Ended(began=0, ended=540)),
    ]


def test_a_pause_as_long_as_the_hangover_ends_the_spurt() -> None:
    assert spurts("####" + "." * 20)[-1] == (480, Ended(began=0, ended=80))


def test_voice_before_audio_was_lost_is_no_part_of_a_spurt_after_it() -> None:
    detector = SpurtDetector(LIMITS)
    detector.flag(20, is_voiced=True)
    detector.flag(40, is_voiced=True)
    assert detector.stop() is None
    assert [detector.flag(at, is_voiced=True) for at in (6020, 6040, 6060, 6080)][-1] == Began(began=6000)


def test_an_endless_spurt_is_cut() -> None:
    assert spurts("#" * 60, SpurtLimits(longest_ms=1000))[1] == (1000, Ended(began=0, ended=1000))


def frames(chunks: list[bytes]) -> list[Frame]:
    framer = Framer()
    return [frame for chunk in chunks for frame in framer.cut(chunk)]


AUDIO = bytes(range(256)) * 25  # 6400 bytes: five frames of both sides


@given(st.lists(st.integers(0, len(AUDIO)), max_size=12))
def test_any_split_of_the_same_bytes_gives_the_same_frames(cuts: list[int]) -> None:
    edges = [0, *sorted(cuts), len(AUDIO)]
    chunks = [AUDIO[start:end] for start, end in pairwise(edges)]
    assert frames(chunks) == frames([AUDIO])


def test_left_is_the_agent_and_right_the_customer_and_time_is_the_end_of_the_frame() -> None:
    stereo = b"\x01\x02\x03\x04" * 320
    assert frames([stereo]) == [Frame(at=20, agent=b"\x01\x02" * 320, customer=b"\x03\x04" * 320)]


def test_five_frames_are_100_ms() -> None:
    assert [frame.at for frame in frames([AUDIO])] == [20, 40, 60, 80, 100]


def settled(edges: list[tuple[int, bool]], until: int, line: Steady) -> list[tuple[int, bool | None]]:
    found = []
    for at in range(until + 1):
        for edge_at, value in edges:
            if edge_at == at:
                line.change(at, value)
        if line.settle(at):
            found.append((at, line.value))
    return found


def test_a_bouncing_line_settles_once_and_late() -> None:
    edges = [(10, True), (12, False), (15, True), (18, False), (20, True)]
    assert settled(edges, 200, Steady(40)) == [(60, True)]


def test_a_line_is_believed_at_its_time_to_the_millisecond() -> None:
    assert settled([(10, True), (49, False)], 200, Steady(40)) == [(89, False)]
    assert settled([(10, True), (51, False)], 200, Steady(40)) == [(50, True), (91, False)]


def test_rise_and_fall_may_take_different_times() -> None:
    assert settled([(10, True), (100, False)], 200, Steady(20, 0)) == [(30, True), (100, False)]
