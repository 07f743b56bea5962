"""Pace: three denominators, words and sound together, nothing before enough was heard."""

import pytest

from pi_companion.core.limits import Pace
from pi_companion.core.pace import PaceMeter, Reading, characters
from pi_companion.core.states import PaceRate


def meter(*spurts: tuple[int, int, int], **limits: object) -> PaceMeter:
    """Spurts of (began, ended, recognised syllables), in whose sound nothing more shows."""
    made = PaceMeter(Pace(**limits), connected_at=0)  # type: ignore[arg-type] # test settings by name
    for began, ended, recognised in spurts:
        made.spurt(began, ended, recognised=recognised, nuclei=0)
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


def test_a_spurt_without_words_is_not_speech() -> None:
    noisy = meter((0, 3000, 15))
    noisy.spurt(3500, 9000, recognised=0, nuclei=30)
    assert noisy.recent() == Reading(chars_per_min=300, over_ms=3000)


@pytest.mark.parametrize("rate", PaceRate)
def test_a_call_without_speech_has_no_pace(rate: PaceRate) -> None:
    assert meter().whole_call(rate) is None


def test_a_spurt_of_no_length_has_no_pace() -> None:
    assert meter((5000, 5000, 20)).recent() is None
    assert meter((5000, 5000, 20), (90000, 91000, 20), window_ms=2000, rate=PaceRate.CALL).recent() == Reading(
        chars_per_min=600, over_ms=2000
    )


class TestWindow:
    """Twelve seconds of the denominator's time; of what the window cuts a part counts."""

    def test_forgets_what_was_said_long_ago(self) -> None:
        slow_then_fast = ((0, 10000, 10), (20000, 26000, 36), (30000, 36000, 36))
        assert meter(*slow_then_fast).recent() == Reading(chars_per_min=360, over_ms=12000)

    def test_takes_a_like_part_of_the_spurt_at_its_edge(self) -> None:
        # 6 of the 30 slow seconds, 120 characters a minute, and 6 at 360.
        assert meter((0, 30000, 60), (40000, 46000, 36)).recent() == Reading(chars_per_min=240, over_ms=12000)

    def test_may_end_in_a_pause_of_the_turn(self) -> None:
        talk = ((0, 5000, 50), (6000, 17500, 46))
        assert meter(*talk).recent() == Reading(chars_per_min=230, over_ms=12000)

    def test_is_left_as_it_is_by_a_turn_that_fits_it_to_the_millisecond(self) -> None:
        assert meter((0, 9000, 90), (20000, 32000, 24)).recent() == Reading(chars_per_min=120, over_ms=12000)

    def test_cuts_a_single_long_spurt(self) -> None:
        assert meter((0, 30000, 100)).recent() == Reading(chars_per_min=200, over_ms=12000)

    def test_reaches_further_back_for_fifteen_characters(self) -> None:
        # The latest 12 s hold 14 characters.
        assert meter((0, 4000, 8), (10000, 22000, 14)).recent() == Reading(chars_per_min=82, over_ms=16000)
        assert meter((0, 4000, 8), (10000, 22000, 15)).recent() == Reading(chars_per_min=75, over_ms=12000)

    def test_reaches_no_further_back_than_that(self) -> None:
        talk = ((0, 4000, 40), (10000, 14000, 8), (20000, 32000, 14))
        assert meter(*talk).recent() == Reading(chars_per_min=82, over_ms=16000)

    def test_of_the_call_rate_holds_the_long_pauses_too(self) -> None:
        talk = ((0, 4000, 40), (20000, 26000, 36), (29000, 32000, 12))
        assert meter(*talk, rate=PaceRate.CALL).recent() == Reading(chars_per_min=240, over_ms=12000)

    def test_of_the_call_rate_begins_when_the_call_does(self) -> None:
        assert meter((5000, 10000, 20), rate=PaceRate.CALL).recent() == Reading(chars_per_min=120, over_ms=10000)

    def test_of_the_articulation_rate_holds_no_pause(self) -> None:
        talk = ((0, 8000, 16), (8500, 16500, 32))
        assert meter(*talk, rate=PaceRate.ARTICULATION).recent() == Reading(chars_per_min=200, over_ms=12000)


class TestWordsAndSound:
    """The larger count, within reason."""

    @pytest.mark.parametrize(
        ("recognised", "nuclei", "counted"),
        [
            (10, 0, 10),
            (10, 8, 10),
            (10, 10, 10),
            (10, 11, 11),
            (10, 25, 25),
            (10, 26, 25),
            (1, 9, 2),
            (0, 30, 0),
        ],
    )
    def test_count_what_either_shows_up_to_a_multiple_of_the_words(
        self, recognised: int, nuclei: int, counted: int
    ) -> None:
        assert characters(recognised, nuclei, Pace(signal_most_pct=250)) == counted

    @pytest.mark.parametrize(("signal_most_pct", "counted"), [(100, 10), (149, 14), (150, 15), (1000, 40)])
    def test_the_multiple_is_the_packs(self, signal_most_pct: int, counted: int) -> None:
        assert characters(10, 40, Pace(signal_most_pct=signal_most_pct)) == counted

    def test_count_together_towards_the_fifteen(self) -> None:
        heard_by_half = PaceMeter(Pace(), connected_at=0)
        heard_by_half.spurt(0, 3000, recognised=8, nuclei=15)
        assert heard_by_half.recent() == Reading(chars_per_min=300, over_ms=3000)
