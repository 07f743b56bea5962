"""Pace: three denominators, nothing before enough was heard."""

from pi_companion.core.effects import PaceRate
from pi_companion.core.pace import PaceMeter, Reading
from pi_companion.core.settings import Pace


def meter(*spurts: tuple[int, int, int], **limits: object) -> PaceMeter:
    made = PaceMeter(Pace(**limits), connected_at=0)  # type: ignore[arg-type] # test settings by name
    for began, ended, chars in spurts:
        made.spurt(began, ended, chars)
    return made


TALK = ((1000, 4000, 12), (4500, 7000, 10), (15000, 17000, 8))
"""Two spurts of one turn with a pause of 500 ms, then, much later, another turn."""


def test_speaking_rate_counts_short_pauses_and_not_long_ones() -> None:
    assert meter(*TALK).whole_call(PaceRate.SPEAKING) == Reading(chars_per_min=225, over_ms=8000)


def test_articulation_rate_counts_voiced_time_only() -> None:
    assert meter(*TALK).whole_call(PaceRate.ARTICULATION) == Reading(chars_per_min=240, over_ms=7500)


def test_call_rate_counts_all_time_since_connected() -> None:
    assert meter(*TALK).whole_call(PaceRate.CALL) == Reading(chars_per_min=106, over_ms=17000)


def test_nothing_is_said_before_fifteen_characters() -> None:
    assert meter((0, 3000, 14)).recent() is None
    assert meter((0, 3000, 15)).recent() == Reading(chars_per_min=300, over_ms=3000)


def test_a_pause_of_a_second_belongs_to_the_turn_and_a_longer_one_does_not() -> None:
    assert meter((0, 3000, 10), (4000, 7000, 10)).recent() == Reading(chars_per_min=171, over_ms=7000)
    assert meter((0, 3000, 10), (4001, 7001, 10)).recent() == Reading(chars_per_min=200, over_ms=6000)


def test_the_window_forgets_what_was_said_long_ago() -> None:
    slow_then_fast = ((0, 10000, 10), (20000, 26000, 36), (30000, 36000, 36))
    assert meter(*slow_then_fast).recent() == Reading(chars_per_min=360, over_ms=12000)


def test_a_spurt_without_words_is_not_speech() -> None:
    assert meter((0, 3000, 15), (3500, 9000, 0)).recent() == Reading(chars_per_min=300, over_ms=3000)
