"""What is learned of a phone: how its lamp behaves, and the shortest pulse its key takes."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pi_companion.core.teaching import PULSES_MS, TRIES, LampSeen, PulseLadder, pulse_to_use, watch

LONGEST_MS = 300
"""At which panel and board end any press."""


@pytest.mark.parametrize(
    ("edges", "seen"),
    [
        ([], LampSeen(turns=0, lit_pct=0, period_ms=None)),
        ([(500, True)], LampSeen(turns=0, lit_pct=100, period_ms=None)),
        ([(0, True), (1000, False)], LampSeen(turns=0, lit_pct=0, period_ms=None)),
        ([(0, False), (2000, True)], LampSeen(turns=1, lit_pct=75, period_ms=None)),
        ([(0, True), (2000, True), (3000, False)], LampSeen(turns=1, lit_pct=50, period_ms=None)),
        ([(0, True), (9000, False)], LampSeen(turns=0, lit_pct=100, period_ms=None)),
    ],
)
def test_a_lamp_is_judged_by_the_time_it_was_watched(edges: list[tuple[int, bool]], seen: LampSeen) -> None:
    assert watch(edges, 1000, 5000) == seen


def test_a_lamp_that_blinks_has_a_period() -> None:
    edges = [(1000 + 500 * turn, turn % 2 == 0) for turn in range(9)]

    assert watch(edges, 900, 5100) == LampSeen(turns=9, lit_pct=50, period_ms=1000)


@given(st.lists(st.booleans(), min_size=1, max_size=60))
def test_the_ladder_never_presses_longer_than_its_last_step_and_always_ends(answers: list[bool]) -> None:
    ladder, pressed = PulseLadder(), []
    for is_taken in answers * 30:
        if (pulse_ms := ladder.pulse_ms) is None:
            break
        pressed.append(pulse_ms)
        ladder.tell(is_taken=is_taken)

    assert ladder.pulse_ms is None or len(pressed) == len(answers) * 30
    assert all(before <= after for before, after in pairwise(pressed))
    assert max(pressed) <= PULSES_MS[-1] < LONGEST_MS
    assert len(pressed) <= len(PULSES_MS) * TRIES


@given(st.integers(0, 250))
def test_the_shortest_pulse_is_the_first_that_the_key_takes_each_time(least_ms: int) -> None:
    ladder = PulseLadder()
    while (pulse_ms := ladder.pulse_ms) is not None:
        ladder.tell(is_taken=pulse_ms >= least_ms)

    assert ladder.shortest_ms == next((each for each in PULSES_MS if each >= least_ms), None)


def test_one_press_that_was_not_taken_is_enough_to_go_on() -> None:
    ladder = PulseLadder()
    for is_taken in (True, True, False, True, True, True):
        ladder.tell(is_taken=is_taken)

    assert (ladder.shortest_ms, ladder.pulse_ms) == (60, None)


def test_the_device_presses_longer_than_the_shortest_and_never_longer_than_was_tried() -> None:
    assert [pulse_to_use(pulse_ms) for pulse_ms in PULSES_MS] == [80, 100, 120, 140, 160, 160, 160]
