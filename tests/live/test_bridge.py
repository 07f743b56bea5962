"""Two cards with a clock each become one tap: how far apart the sides get, and what it costs."""

import random
from itertools import pairwise

import numpy as np
import numpy.typing as npt
import pytest

from pi_companion.live.bridge import HARD_MS, SOFT_MS, Bridge

Samples = npt.NDArray[np.int16]
RATE_HZ = 16000
EVERY_MS = 500
PIP = 8  # samples


def pips(seconds: int, *, speed: float, talk: int = 0) -> Samples:
    """What a card records of a pip at each half second, whose clock runs at `speed`; `talk`: loud all the time."""
    sound = np.full(int(seconds * RATE_HZ * speed), talk, np.int16)
    for at_ms in range(EVERY_MS, seconds * 1000, EVERY_MS):
        start = int(at_ms / 1000 * RATE_HZ * speed)
        sound[start : start + PIP] = 20000
    return sound


def bridged(
    agent: Samples, customer: Samples, *, ppm: int, late_ms: int = 0, jitter_ms: int = 30, cut: int = 320
) -> tuple[Bridge, Samples]:
    """Play two cards into a bridge. The customer's runs `ppm` too fast, began `late_ms` later and is cut into `cut`."""
    bridge, chance = Bridge((RATE_HZ, RATE_HZ)), random.Random(2)  # noqa: S311 - no secret
    arrivals = []
    for number, sound, rate, began, size in (
        (0, agent, RATE_HZ, 0, 320),
        (1, customer, RATE_HZ * (1 + ppm / 1e6), late_ms, cut),
    ):
        first, at = int(began * rate / 1000), 0
        for start in range(first, len(sound), size):
            block = sound[start : start + size]
            at = max(at, int((start + len(block)) * 1000 / rate + chance.uniform(0, jitter_ms)))
            arrivals.append((at, number, block))
    out = [
        bridge.take(number, at, len(block), block) for at, number, block in sorted(arrivals, key=lambda each: each[:2])
    ]
    return bridge, np.concatenate(out)


def apart_ms(stereo: Samples) -> list[float]:
    """Return how far apart the two sides' pips are, each."""
    starts = []
    for side in range(2):
        loud = np.flatnonzero(stereo[:, side] > 15000)
        starts.append([int(at) for number, at in enumerate(loud) if number == 0 or at - loud[number - 1] > PIP])
    return [min((other - at for other in starts[1]), key=abs) * 1000 / RATE_HZ for at in starts[0][1:-1]]


@pytest.mark.parametrize("ppm", [-300, 0, 300])
@pytest.mark.parametrize("cut", [160, 1024])
def test_sides_stay_within_some_milliseconds_however_their_clocks_differ(ppm: int, cut: int) -> None:
    speed = 1 + ppm / 1e6
    _, stereo = bridged(pips(60, speed=1), pips(60, speed=speed), ppm=ppm, late_ms=700, cut=cut)

    assert (max(map(abs, apart_ms(stereo))) <= SOFT_MS + 5, len(stereo) > 58 * RATE_HZ) == (True, True)


def test_without_a_bridge_they_would_be_further_apart() -> None:
    agent, customer = pips(120, speed=1), pips(120, speed=1 + 300 / 1e6)
    size = min(len(agent), len(customer))

    assert max(map(abs, apart_ms(np.stack((agent[:size], customer[:size]), axis=1)))) > 30


def test_who_never_pauses_is_set_right_all_the_same_and_not_before_the_hard_bound() -> None:
    speed = 1 + 1000 / 1e6
    _, stereo = bridged(pips(90, speed=1), pips(90, speed=speed, talk=4000), ppm=1000)
    apart = apart_ms(stereo)

    assert (HARD_MS - 8 <= max(map(abs, apart)) <= HARD_MS + 5, len(apart) > 100) == (True, True)


def test_nothing_is_set_right_in_the_middle_of_a_word() -> None:
    customer = pips(60, speed=1 + 200 / 1e6)
    ramp = (np.arange(RATE_HZ * 4) % 1000 + 1000).astype(np.int16)  # four seconds of talk without a gap
    customer[RATE_HZ * 30 : RATE_HZ * 34] = ramp
    _, stereo = bridged(pips(60, speed=1), customer, ppm=200)

    talk = stereo[(stereo[:, 1] >= 1000) & (stereo[:, 1] < 2000), 1].astype(int)

    assert {(after - before) % 1000 for before, after in pairwise(talk)} == {1}


def test_how_the_audio_is_cut_does_not_matter() -> None:
    chance = np.random.default_rng(3)
    agent, customer = (chance.integers(-9000, 9000, 10 * RATE_HZ).astype(np.int16) for _ in range(2))
    streams = [bridged(agent, customer, ppm=0, jitter_ms=0, cut=cut)[1] for cut in (160, 320, 800)]
    size = min(map(len, streams))

    assert [bool((stream[:size] == streams[0][:size]).all()) for stream in streams] == [True, True, True]
    assert size > 9 * RATE_HZ


def test_the_drift_between_both_clocks_is_told() -> None:
    bridge, _ = bridged(pips(100, speed=1), pips(100, speed=1 + 120 / 1e6), ppm=120)
    agent, customer = (clock.drift_ppm() for clock in bridge.clocks)

    assert abs((customer or 0) - (agent or 0) - 120) <= 20
