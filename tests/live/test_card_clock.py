"""How fast does a card go? Samples against arrival, with jitter, losses and floods."""

import random

from pi_companion.live.card_clock import CardClock


def played(clock: CardClock, seconds: int, *, ppm: int = 0, jitter_ms: int = 0, rate_hz: int = 16000) -> CardClock:
    """Let a card that goes `ppm` too fast deliver blocks of 20 ms, each late by up to the jitter."""
    chance = random.Random(1)  # noqa: S311 - no secret
    for block in range(1, seconds * 50 + 1):
        taken_ms = block * 20 / (1 + ppm / 1_000_000)
        clock.take(int(taken_ms + chance.uniform(0, jitter_ms)), rate_hz // 50)
    return clock


def test_in_its_first_minute_nothing_is_claimed() -> None:
    assert played(CardClock(16000), 55).drift_ppm() is None


def test_a_drift_is_measured_to_some_ppm_whatever_the_blocks_are_late() -> None:
    measured = {
        ppm: played(CardClock(48000), 300, ppm=ppm, jitter_ms=40, rate_hz=48000).drift_ppm()
        for ppm in (-250, -50, 0, 50, 250)
    }

    assert [round((found or 0) / 10) * 10 - ppm in {-10, 0, 10} for ppm, found in measured.items()] == [True] * 5


def test_a_second_in_which_the_machine_stood_still_changes_nothing() -> None:
    clock = played(CardClock(16000), 60)
    for _ in range(50):
        clock.take(61000, 320)  # all at once, late
    for block in range(1, 6000):
        clock.take(61000 + block * 20, 320)

    assert (clock.drift_ppm(), clock.is_wrong) == (0, False)


def test_a_card_of_another_rate_is_found_out() -> None:
    slow, fast = CardClock(48000), CardClock(16000)
    for block in range(1, 1001):
        slow.take(block * 20, 882)  # says 48 kHz and records 44.1
        fast.take(block * 20, 352)

    assert (slow.is_wrong, fast.is_wrong) == (True, True)


def test_a_card_that_floods_is_found_out_at_once() -> None:
    clock = CardClock(16000)
    for block in range(120):
        clock.take(block // 100, 320)

    assert clock.is_wrong


def test_one_gap_is_no_other_rate() -> None:
    clock = CardClock(16000)
    for block in range(1, 2000):
        clock.take(block * 20 + (3000 if block > 500 else 0), 320)

    assert not clock.is_wrong
