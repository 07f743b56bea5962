"""Pace against turns whose characters are known."""

from typing import Any

from pi_companion.session.pacescore import CardPace, PaceScore, score_pace

Event = dict[str, Any]


def turn(began: int, ended: int, chars: int, side: str = "agent") -> Event:
    return {"at": began, "kind": "turn", "side": side, "began": began, "ended": ended, "text": "…", "chars": chars}


def pace(at: int, chars_per_min: int, over_ms: int, rate: str = "speaking") -> Event:
    return {"at": at, "kind": "pace", "chars_per_min": chars_per_min, "over_ms": over_ms, "rate": rate}


def card(at: int, chars_per_min: int | None) -> Event:
    return {"at": at, "kind": "call_card", "chars_per_min": chars_per_min}


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

    assert found == PaceScore(reading_errors_per_min=(10.0,))


def test_a_reading_covers_nothing_that_was_said_after_it() -> None:
    truth = [turn(0, 4000, 12), turn(10000, 12000, 10)]

    found = score_pace([pace(4300, 180, 12000), pace(11000, 303, 1000)], truth)

    assert found == PaceScore(reading_errors_per_min=(0.0, 3.0))


def test_readings_that_nothing_can_be_compared_with_are_left_out() -> None:
    found = score_pace([pace(500, 180, 4000), pace(5000, 180, 4000, "articulation")], [turn(1000, 4000, 12)])

    assert found == PaceScore(readings_left_out=2)
