"""Rings: bursts are counted, steady lines divided by time, double bursts are one ring, stopping is noticed."""

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


def test_a_steady_line_rings_every_three_seconds() -> None:
    assert play([(1000, True), (9500, False)], 12000) == [
        (1000, "ring 1"),
        (4000, "ring 2"),
        (7000, "ring 3"),
        (10300, "stopped after 3"),
    ]


def test_a_new_call_counts_from_one() -> None:
    assert [said for _, said in play(bursts(1000, 20000), 21000)] == ["ring 1", "stopped after 1", "ring 1"]
