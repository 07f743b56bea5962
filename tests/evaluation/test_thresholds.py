from collections.abc import Sequence

from pi_companion.evaluation.hearing import Detection
from pi_companion.evaluation.thresholds import FLOOR_PM, MARGIN_PM, choose, shifted


def alarm(places: int, score_pm: int) -> Detection:
    return Detection(rule="X", phrase="某", places=places, at=0, began=0, ended=0, score_pm=score_pm)


def chosen(*alarms: Detection) -> tuple[int, ...]:
    """Choose for four lengths where these alarms fire as long as their length's threshold lets them."""

    def fires(table: tuple[int, ...]) -> Sequence[Detection]:
        return [each for each in alarms if each.score_pm >= table[min(each.places, 4) - 1]]

    return choose(4, fires)


def test_where_nothing_fires_short_phrases_are_exact_and_every_other_length_stays_at_the_floor() -> None:
    assert chosen() == (1000, 1000, FLOOR_PM, FLOOR_PM)


def test_a_length_that_fired_is_raised_above_it_with_a_margin() -> None:
    assert chosen(alarm(4, 812)) == (1000, 1000, 820 + MARGIN_PM, 820 + MARGIN_PM)


def test_a_short_phrase_is_never_held_to_less_than_a_longer_one() -> None:
    assert chosen(alarm(3, 900)) == (1000, 1000, 910 + MARGIN_PM, FLOOR_PM)


def test_a_phrase_longer_than_the_table_raises_its_last_place() -> None:
    assert chosen(alarm(9, 800)) == (1000, 1000, 810 + MARGIN_PM, 810 + MARGIN_PM)


def test_an_alarm_that_was_heard_exactly_cannot_be_kept_out_and_ends_the_search() -> None:
    assert chosen(alarm(3, 1000)) == (1000, 1000, 1000, FLOOR_PM)


def test_an_alarm_that_goes_on_below_its_threshold_raises_it_step_by_step() -> None:
    seen: list[int] = []

    def fires(table: tuple[int, ...]) -> Sequence[Detection]:
        seen.append(table[2])
        return [alarm(3, 700)] if table[2] < 780 else []

    assert choose(3, fires) == (1000, 1000, 780 + MARGIN_PM)
    assert seen == [760, 770, 780]


def test_an_alarm_behind_another_is_found_in_the_next_round() -> None:
    seen: list[int] = []

    def fires(table: tuple[int, ...]) -> Sequence[Detection]:
        seen.append(table[2])
        if table[2] < 800:
            return [alarm(3, 795)]
        return [alarm(3, 850)] if table[2] <= 850 else []

    assert choose(3, fires) == (1000, 1000, 860 + MARGIN_PM)
    assert seen == [760, 800, 860]


def test_shifted_thresholds_stay_within_what_a_pack_may_say() -> None:
    assert shifted((1000, 900, 600), 50) == (1000, 950, 650)
    assert shifted((1000, 900, 600), -250) == (750, 650, 500)
