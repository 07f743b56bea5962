"""How do two cards with a clock each become one tap? The agent's card counts; the customer's follows in its pauses.

Both clocks are known by what arrives (`CardClock`), and so is by how much the sides are apart. While the customer is
quiet more than `SOFT_MS` are set right by leaving out or putting in silence; more than `HARD_MS` at once, whatever is
said: by that bound the sides are never further apart than `HARD_MS` and a step, however their clocks differ. Cards 100
parts per million apart need 5 ms in 50 seconds, so the hard bound is for a machine that stood still.

Works in steps of 20 ms, counted in the agent's samples: how the audio is cut does not matter (law 3).
"""

from typing import Final

import numpy as np
import numpy.typing as npt

from pi_companion.core.framer import FRAME_SAMPLES, SAMPLE_RATE_HZ
from pi_companion.live.card_clock import CardClock

SOFT_MS: Final = 5
HARD_MS: Final = 20
_SETTLING_MS: Final = 200  # of both cards, before anything is known about them
_QUIET: Final = 328  # peak, -40 dB below full scale
_PER_MS: Final = SAMPLE_RATE_HZ // 1000
_STEP: Final = FRAME_SAMPLES

Samples = npt.NDArray[np.int16]


class _Side:
    def __init__(self, rate_hz: int) -> None:
        self.clock = CardClock(rate_hz)
        self.held: Samples = np.empty(0, np.int16)
        self.next = 0  # number of the first sample that is held

    @property
    def until(self) -> int:
        return self.next + len(self.held)

    def drop_to(self, number: int) -> None:
        gone = min(max(number - self.next, 0), len(self.held))
        self.held = self.held[gone:]
        self.next += gone


class Bridge:
    """Mono audio of two cards in, both at 16 kHz already; stereo out, left the first. `rates_hz`: the cards' own."""

    def __init__(self, rates_hz: tuple[int, int]) -> None:
        self._sides = tuple(map(_Side, rates_hz))
        self._is_joined = False
        self.skew_us = 0

    @property
    def clocks(self) -> tuple[CardClock, ...]:
        """The clocks of both cards."""
        return tuple(side.clock for side in self._sides)

    def take(self, number: int, at: int, recorded: int, samples: Samples) -> Samples:
        """Take what a card's block gives: when it came, how many samples it had before resampling, and these.

        Return the stereo that this completes, a row for each sample.
        """
        side = self._sides[number]
        side.clock.take(at, recorded)
        side.held = np.concatenate((side.held, samples))
        if not self._is_joined and not self._join():
            return np.empty((0, 2), np.int16)
        steps = []
        while (step := self._step()) is not None:
            steps.append(step)
        return np.concatenate(steps) if steps else np.empty((0, 2), np.int16)

    def _join(self) -> bool:
        """Begin where both have something."""
        agent, customer = self._sides
        if min(side.clock.ran_ms for side in self._sides) < _SETTLING_MS:
            return False
        ahead = self._wanted()
        agent.drop_to(max(0, -ahead))
        customer.drop_to(max(0, ahead))
        self._is_joined = agent.next + ahead == customer.next
        return self._is_joined

    def _wanted(self) -> int:
        """Return how much higher the number of the customer's sample is that was taken with the agent's."""
        agent, customer = (side.clock.began_us for side in self._sides)
        return round((agent - customer) * _PER_MS / 1000)

    def _step(self) -> Samples | None:
        agent, customer = self._sides
        if len(agent.held) < _STEP or len(customer.held) < 2 * _STEP:
            return None
        off = customer.next - agent.next - self._wanted()  # more than 0: the customer's side is too far on
        self.skew_us = off * 1000 // _PER_MS
        is_quiet = int(np.abs(customer.held[: 2 * _STEP].astype(np.int32)).max()) < _QUIET
        if abs(off) <= (SOFT_MS if is_quiet else HARD_MS) * _PER_MS:
            off = 0
        if off < 0:
            customer.drop_to(customer.next + min(-off, _STEP))
        silence = np.zeros(min(max(off, 0), _STEP), np.int16)
        spoken = customer.held[: _STEP - len(silence)]
        step = np.stack((agent.held[:_STEP], np.concatenate((silence, spoken))), axis=1)
        agent.drop_to(agent.next + _STEP)
        customer.drop_to(customer.next + len(spoken))
        return step
