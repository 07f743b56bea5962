"""Pace against turns whose characters are known."""

import math
from typing import Any

import pytest

from pi_companion.session.pacescore import CardPace, PaceScore, ReadingPace, join_pace, score_pace

Event = dict[str, Any]


def turn(began: int, ended: int, chars: int, side: str = "agent") -> Event:
    return {"at": began, "kind": "turn", "side": side, "began": began, "ended": ended, "text": "…", "chars": chars}


def pace(at: int, chars_per_min: int, over_ms: int, rate: str = "speaking") -> Event:
    return {"at": at, "kind": "pace", "chars_per_min": chars_per_min, "over_ms": over_ms, "rate": rate}


def card(at: int, chars_per_min: int | None) -> Event:
    return {"at": at, "kind": "call_card", "chars_per_min": chars_per_min}


def reading(device_per_min: int, truth_per_min: float) -> ReadingPace:
    return ReadingPace(device_per_min=device_per_min, truth_per_min=truth_per_min)


def test_the_call_card_is_compared_with_all_agent_turns_of_its_call() -> None:
    truth = [turn(0, 3000, 10), turn(3000, 9000, 99, "customer"), turn(10000, 12000, 10), turn(30000, 31000, 5)]
    stream = [card(20000, 252), card(40000, None)]

    found = score_pace(stream, truth)

    assert found == PaceScore(
        cards=(
            CardPace(device_per_min=252, truth_per_min=240.0),
            CardPace(device_per_min=None, truth_per_min=300.0),
        )
    )
    assert (found.cards[0].error_percent, found.cards[1].error_percent, found.mean_card_error_percent) == (5, None, 5)


def test_a_card_without_agent_turns_is_not_compared() -> None:
    assert score_pace([card(20000, 100)], []) == PaceScore()


def test_a_reading_covers_the_latest_turns_and_of_the_first_only_its_part() -> None:
    # 2 s of the second turn at 300 a minute, and the last 2 of the 4 s of the first at 180: 240 over 4 s.
    truth = [turn(0, 4000, 12), turn(10000, 12000, 10)]

    found = score_pace([pace(12300, 250, 4000)], truth)

    assert found == PaceScore(readings=(reading(250, 240.0),))


def test_a_reading_covers_nothing_that_was_said_after_it() -> None:
    truth = [turn(0, 4000, 12), turn(10000, 12000, 10)]

    found = score_pace([pace(4300, 180, 12000), pace(11000, 303, 1000)], truth)

    assert found == PaceScore(readings=(reading(180, 180.0), reading(303, 300.0)))


def test_readings_that_nothing_can_be_compared_with_are_left_out() -> None:
    found = score_pace([pace(500, 180, 4000), pace(5000, 180, 4000, "articulation")], [turn(1000, 4000, 12)])

    assert found == PaceScore(readings_left_out=2)


def test_readings_are_off_by_so_many_characters_and_percent() -> None:
    found = PaceScore(readings=(reading(220, 200.0), reading(380, 400.0)))

    assert (found.mean_reading_error_per_min, found.mean_reading_error_percent) == (20.0, 7.5)


def test_without_readings_there_is_no_error() -> None:
    empty = PaceScore()
    assert (empty.mean_reading_error_per_min, empty.mean_reading_error_percent, empty.correlation) == (None, None, None)


@pytest.mark.parametrize(
    ("readings", "expected"),
    [
        ((reading(100, 100.0), reading(200, 300.0)), None),
        ((reading(100, 200.0), reading(200, 300.0), reading(300, 400.0)), 1.0),
        ((reading(300, 200.0), reading(200, 300.0), reading(100, 400.0)), -1.0),
        ((reading(100, 100.0), reading(200, 300.0), reading(300, 200.0)), 0.5),
        ((reading(250, 200.0), reading(250, 300.0), reading(250, 400.0)), None),
        ((reading(250, 300.0), reading(270, 300.0), reading(290, 300.0)), None),
    ],
)
def test_correlation_needs_three_readings_and_change_in_both(
    readings: tuple[ReadingPace, ...], expected: float | None
) -> None:
    found = PaceScore(readings=readings).correlation
    assert found == expected or (found is not None and expected is not None and math.isclose(found, expected))


def test_the_readings_of_several_streams_are_correlated_together() -> None:
    one, other = PaceScore(readings=(reading(100, 110.0),)), PaceScore(readings=(reading(200, 190.0),))

    assert join_pace([one, other, one]) == PaceScore(
        readings=(reading(100, 110.0), reading(200, 190.0), reading(100, 110.0))
    )
