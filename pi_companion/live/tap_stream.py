"""How do the blocks of one card or two become one stream? Queued, brought to 16 kHz, bridged, stereo.

Law 3: whatever the cards' blocks are, the same samples come out. Law 10: what is dropped is said with what comes next.
"""

import queue
from collections.abc import Callable
from dataclasses import replace
from typing import Final

import numpy as np

from pi_companion.adapters.resampling import Resampler
from pi_companion.adapters.tap import Block, Form
from pi_companion.core.framer import SAMPLE_RATE_HZ
from pi_companion.live.bridge import Bridge
from pi_companion.live.card_clock import CardClock

QUEUE_BLOCKS: Final = 500
"""10 s of a card's audio: a machine that is further behind loses some, and says so."""


class Inbox:
    """What the cards' threads put here, and when each last did."""

    def __init__(self, now: Callable[[], int]) -> None:
        self._now = now
        self._blocks: queue.SimpleQueue[tuple[int, int, Block]] = queue.SimpleQueue()
        self._has_dropped: set[int] = set()
        self.came_at: dict[int, int] = {}

    def put(self, number: int, block: Block) -> None:
        """Take a block of a card; of too many some are dropped, and the next one says so."""
        if not block.pcm:
            return
        self.came_at[number] = at = self._now()
        if self._blocks.qsize() >= QUEUE_BLOCKS:
            self._has_dropped.add(number)
            return
        if number in self._has_dropped:
            self._has_dropped.discard(number)
            block = replace(block, is_after_loss=True)
        self._blocks.put((number, at, block))

    def get(self, wait_s: float) -> tuple[int, int, Block] | None:
        """Return the next block with its card's number and when it came; None if there is none for so long."""
        try:
            return self._blocks.get(timeout=wait_s) if wait_s else self._blocks.get_nowait()
        except queue.Empty:
            return None


class Stream:
    """What open cards record, as one stream."""

    def __init__(self, forms: tuple[Form, ...], *, has_customer_side: bool) -> None:
        self._forms, self._has_customer_side = forms, has_customer_side
        self._resamplers = [Resampler(form.rate_hz, form.channels) for form in forms]
        self._is_cut = False
        self._zeros = [0, 0]
        self._begin()

    def _begin(self) -> None:
        rates_hz = [form.rate_hz for form in self._forms]
        self._bridge = Bridge((rates_hz[0], rates_hz[1])) if len(rates_hz) == 2 else None
        self._clock = CardClock(rates_hz[0])

    def take(self, number: int, at: int, block: Block) -> bytes:
        """Return the stereo that a block completes; after a loss nothing is known about the clocks."""
        if block.is_after_loss:
            self._is_cut = True
            self._begin()
        samples = self._resamplers[number].feed(block.pcm)
        recorded = len(block.pcm) // (2 * self._forms[number].channels)
        if self._bridge is not None:
            samples = self._bridge.take(number, at, recorded, samples[:, 0])
        else:
            self._clock.take(at, recorded)
        if not self._has_customer_side:
            samples = np.stack((samples[:, 0], np.zeros(len(samples), np.int16)), axis=1)
        for side in range(2):
            self._zeros[side] = 0 if samples[:, side].any() else self._zeros[side] + len(samples)
        return samples.astype("<i2").tobytes()

    @property
    def zeros_ms(self) -> tuple[int, int]:
        """How long each side has been nothing but zeros, which hardly any microphone is that is plugged in."""
        agent, customer = (samples * 1000 // SAMPLE_RATE_HZ for samples in self._zeros)
        return agent, customer

    def was_cut(self) -> bool:
        """Return whether audio was lost before what was just taken; tells it once."""
        is_cut, self._is_cut = self._is_cut, False
        return is_cut

    @property
    def clocks(self) -> tuple[CardClock, ...]:
        """The clock of each card."""
        return (self._clock,) if self._bridge is None else self._bridge.clocks

    @property
    def is_wrong(self) -> bool:
        """Whether a card records at another rate than it should."""
        return any(clock.is_wrong for clock in self.clocks)

    @property
    def skew_us(self) -> int:
        """How far the second card is ahead of the first."""
        return 0 if self._bridge is None else self._bridge.skew_us
