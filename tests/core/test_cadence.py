"""Rings: bursts are counted, steady lines divided by time, double bursts are one ring, stopping is noticed."""

import pytest

from pi_companion.core.cadence import RingCounter
from pi_companion.core.limits import Ringing

LIMITS = Ringing()


def play(edges: list[tuple[int, bool]], until: int, limits: Ringing = LIMITS) -> list[tuple[int, str]]:
    """Return when the counter said what, ticked to the millisecond."""
    counter, said, queue = RingCounter(limits), [], list(edges)
    for at in range(until + 1):
        while (due := counter.deadline()) is not None and due <= at:
            if counter.pass_deadline():
                said.append((at, f"ring {counter.count}"))
            else:
                said.append((at, f"stopped after {counter.count}"))
                counter.reset()
        while queue and queue[0][0] == at:
            if counter.line(*queue.pop(0)):
                said.append((at, f"ring {counter.count}"))
    return said


def bursts(*times: int, on_ms: int = 1000) -> list[tuple[int, bool]]:
    return [edge for at in times for edge in ((at, True), (at + on_ms, False))]


@pytest.mark.rule("RING-1")
def test_each_burst_is_a_ring_and_silence_past_the_learned_period_ends_it() -> None:
    assert play(bursts(1000, 6000, 11000), 20000) == [
        (1000, "ring 1"),
        (6000, "ring 2"),
        (11000, "ring 3"),
        (16600, "stopped after 3"),
    ]


def test_one_ring_ends_after_the_default_period() -> None:
    assert play(bursts(1000), 10000) == [(1000, "ring 1"), (7600, "stopped after 1")]


def test_a_double_burst_is_one_ring() -> None:
    uk = bursts(1000, 1600, 4000, 4600, on_ms=400)
    assert play(uk, 6000) == [(1000, "ring 1"), (4000, "ring 2")]


def test_a_gap_as_long_as_the_limit_is_two_rings() -> None:
    assert [said for _, said in play(bursts(1000, 2799, on_ms=1000), 3000)] == ["ring 1"]
    assert [said for _, said in play(bursts(1000, 2800, on_ms=1000), 3000)] == ["ring 1", "ring 2"]


@pytest.mark.rule("RING-1")
def test_a_steady_line_rings_every_three_seconds() -> None:
    assert play([(1000, True), (9500, False)], 12000) == [
        (1000, "ring 1"),
        (4000, "ring 2"),
        (7000, "ring 3"),
        (10300, "stopped after 3"),
    ]


def test_a_new_call_counts_from_one() -> None:
    assert [said for _, said in play(bursts(1000, 20000), 21000)] == ["ring 1", "stopped after 1", "ring 1"]


# What is learned for the station profile


def learned(
    edges: list[tuple[int, bool]], counter: RingCounter | None = None, limits: Ringing = LIMITS
) -> list[tuple[int, int]]:
    """Return at which ring which period was learned, ticked to the millisecond."""
    counter, found, queue = counter or RingCounter(limits), [], list(edges)
    for at in range(queue[-1][0] + 20000):
        rings = counter.count
        while (due := counter.deadline()) is not None and due <= at:
            if not counter.pass_deadline():
                counter.reset()
        while queue and queue[0][0] == at:
            counter.line(*queue.pop(0))
        if counter.count > rings and (period_ms := counter.learned()) is not None:
            found.append((counter.count, period_ms))
    return found


def test_three_rings_alike_teach_the_phones_period_once() -> None:
    assert learned(bursts(1000, 6000, 11000, 16000)) == [(3, 5000)]


def test_rings_three_tenths_of_a_second_apart_in_their_periods_are_alike_and_further_ones_are_not() -> None:
    assert learned(bursts(1000, 6000, 11300)) == [(3, 5150)]
    assert learned(bursts(1000, 6000, 11301)) == []


def test_a_late_second_ring_delays_what_is_learned_until_two_periods_are_alike() -> None:
    assert learned(bursts(1000, 5500, 10500, 15500)) == [(4, 5000)]


def test_a_line_that_stays_active_teaches_that_there_is_no_period() -> None:
    assert learned([(1000, True), (14500, False)]) == [(3, 0)]


def test_bursts_so_long_that_they_count_twice_teach_nothing() -> None:
    assert learned(bursts(1000, 6000, 11000, on_ms=4000)) == []


def test_a_station_that_knows_its_period_learns_nothing_from_rings_like_it() -> None:
    rings = bursts(1000, 6000, 11000)
    assert learned(rings, RingCounter(LIMITS, known_period_ms=5300)) == []
    assert learned(rings, RingCounter(LIMITS, known_period_ms=5301)) == [(3, 5000)]


def test_calls_from_inside_that_ring_otherwise_are_learned_once_each() -> None:
    outside, inside = (1000, 6000, 11000), (40000, 43000, 46000)
    again = tuple(at + 80000 for at in (*outside, *inside))
    assert learned(bursts(*outside, *inside, *again)) == [(3, 5000), (3, 3000)]


def test_a_phone_known_to_ring_seldom_is_given_the_time() -> None:
    counter = RingCounter(LIMITS, known_period_ms=9000)
    counter.line(1000, is_active=True)
    counter.line(2000, is_active=False)
    assert counter.deadline() == 1000 + 9000 + 600


def test_a_phone_known_to_ring_often_is_still_given_the_time_of_a_seldom_one() -> None:
    counter = RingCounter(LIMITS, known_period_ms=3000)
    counter.line(1000, is_active=True)
    counter.line(2000, is_active=False)
    assert counter.deadline() == 1000 + 6000 + 600
