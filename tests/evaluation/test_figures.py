from pathlib import Path

import pytest

from pi_companion.evaluation.figures import Rate, Recall, most_likely_at_most, recall_of, total
from pi_companion.evaluation.hearing import Detection
from pi_companion.evaluation.material import Drill


def drill(rule: str = "SAY-WAIT") -> Drill:
    return Drill(file=Path("a.flac"), rule=rule, began=300, ended=1000, text="等一下", voice="someone")


def found(rule: str, at: int = 1400) -> Detection:
    return Detection(rule=rule, phrase="等一下", places=3, at=at, began=400, ended=1000)


# Exact one-sided 95 % limits of a Poisson mean, as any table of them has (half a chi-square quantile).
@pytest.mark.parametrize(("events", "most"), [(0, 2.996), (1, 4.744), (2, 6.296), (10, 16.962), (50, 63.287)])
def test_the_bound_of_a_count_is_the_tables(events: int, most: float) -> None:
    assert most_likely_at_most(events) == pytest.approx(most, abs=0.001)


def test_no_event_in_two_hours_bounds_the_rate_at_one_and_a_half() -> None:
    assert Rate(events=0, length_ms=2 * 3_600_000).most_per_hour == pytest.approx(1.498, abs=0.001)


def test_rates_of_two_recordings_add_up() -> None:
    both = Rate(events=1, length_ms=1_800_000, speech_ms=900_000) + Rate(events=2, length_ms=1_800_000)

    assert (both.per_hour, both.per_speech_hour) == (3.0, 12.0)


def test_the_rule_that_is_meant_is_a_hit_with_its_latency() -> None:
    assert recall_of(drill(), [found("SAY-WAIT")]) == Recall(hits=1, truths=1, latencies_ms=(400,))


def test_the_first_of_two_hits_has_the_latency() -> None:
    both = [found("SAY-WAIT", 1900), found("SAY-WAIT", 1200)]

    assert recall_of(drill(), both) == Recall(hits=1, truths=1, latencies_ms=(200,))


@pytest.mark.parametrize(("at", "hits"), [(299, 0), (300, 1)])
def test_what_fires_before_the_phrase_has_begun_is_no_hit(at: int, hits: int) -> None:
    assert recall_of(drill(), [found("SAY-WAIT", at)]).hits == hits


def test_another_rule_is_no_hit() -> None:
    assert recall_of(drill(), [found("SAY-NAME")]) == Recall(truths=1, others=1)


def test_two_rules_on_a_near_miss_are_one_near_miss_that_fired() -> None:
    fired = [found("SAY-NAME"), found("SAY-WAIT")]

    assert recall_of(drill(rule=""), fired) == Recall(near_misses=1, near_misses_fired=1)


def test_recalls_add_up_with_their_latencies_in_order() -> None:
    several = [
        Recall(hits=1, truths=1, latencies_ms=(500,)),
        Recall(truths=1),
        Recall(hits=1, truths=1, latencies_ms=(300,)),
    ]

    assert total(several) == Recall(hits=2, truths=3, latencies_ms=(300, 500))
