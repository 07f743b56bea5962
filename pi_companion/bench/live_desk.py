"""How does the live device run at a desk without pins? A simulated phone and board that go on by the real clock.

What rings, lifts and presses may do so from any thread: the phone takes one at a time. Simulated, and asked for by name
(law 10): `run --simulated-board`, and the measurement of how fast an edge becomes a light.
"""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Final

from pi_companion.bench.board import Board
from pi_companion.bench.phone import DeskPhone
from pi_companion.core.facts import Button
from pi_companion.core.harness import LINES
from pi_companion.errors import UsageError
from pi_companion.pinout import Pinout

RING_ON_MS: Final = 1000
RING_OFF_MS: Final = 4000
"""A ring in mainland China."""

_LOOK_S: Final = 0.01


class _OneAtATime(DeskPhone):
    """A phone that several threads may use: the time of the slower one is moved up to where the phone is."""

    def __init__(self) -> None:
        self._lock = threading.RLock()
        super().__init__(key_delay_ms=60)

    def contact(self, at: int, closed: bool) -> None:
        with self._lock:
            super().contact(max(at, self._now), closed)

    def advance(self, at: int) -> None:
        with self._lock:
            super().advance(max(at, self._now))


class LiveDesk:
    """A phone, its board and a person's hands, in real time. `clock_ns`: the clock it goes by.

    `before_edge` is called whenever something has changed at the phone, just before the board's lines follow.
    `running` keeps it going; everything else is done at once, from any thread.
    """

    def __init__(
        self, clock_ns: Callable[[], int] = time.monotonic_ns, before_edge: Callable[[], None] = lambda: None
    ) -> None:
        self._clock_ns, self._began_ns = clock_ns, clock_ns()
        self._lock = threading.RLock()
        self.phone = _OneAtATime()
        self.phone.watch(lambda _at: before_edge())
        self.board = Board(Pinout(), self.phone, self._now)
        self._ring_turns_at: int | None = None

    @contextmanager
    def running(self) -> Iterator[None]:
        """Let time pass at the phone until the block ends: bells ring on, keys act."""
        is_over = threading.Event()

        def go_on() -> None:
            while not is_over.wait(_LOOK_S):
                self.pass_time()

        thread = threading.Thread(target=go_on, name="simulated desk", daemon=True)
        thread.start()
        try:
            yield
        finally:
            is_over.set()
            thread.join()

    def pass_time(self) -> int:
        """Do what is due at the phone by now; return its time, milliseconds."""
        with self._lock:
            now = self._set_time()
            self.phone.advance(now)
            if self._ring_turns_at is not None and now >= self._ring_turns_at:
                self._ring(now, on=not self.phone.is_ringing)
            return now

    def ring(self) -> None:
        """Have somebody call, or give up."""
        with self._lock:
            now = self.pass_time()
            if self._ring_turns_at is None:
                self._ring(now, on=True)
            else:
                self._fall_silent(now)

    def hook(self) -> None:
        """Lift the handset, or put it down; a bell that rings falls silent."""
        with self._lock:
            now = self.pass_time()
            self._fall_silent(now)
            self.phone.hook(now, off_hook=not self.phone.is_off_hook)

    def own_mute_key(self) -> None:
        """Press the phone's own MUTE key."""
        with self._lock:
            self.phone.own_mute_key(self.pass_time())

    def strap(self, lines: str) -> None:
        """Plug in a harness that has these lines at ground, by their names in `LINES`, commas between; empty: none.

        Raises `UsageError` for a line that no harness has.
        """
        names = [name.strip() for name in lines.split(",") if name.strip()]
        if unknown := [name for name in names if name not in LINES]:
            raise UsageError(f"a harness has no line {', '.join(unknown)}; its lines are {', '.join(LINES)}")
        with self._lock:
            self._set_time()
            self.board.strap(sum(1 << LINES.index(name) for name in set(names)))

    def press(self, button: Button) -> None:
        """Press one of the device's buttons."""
        with self._lock:
            self.pass_time()
            self.board.press(button)

    def _set_time(self) -> int:
        now = max(self.board.now, self._now())
        self.board.set_time(now)
        return now

    def _now(self) -> int:
        return (self._clock_ns() - self._began_ns) // 1_000_000

    def _ring(self, now: int, *, on: bool) -> None:
        self._ring_turns_at = now + (RING_ON_MS if on else RING_OFF_MS)
        self.phone.ring(now, on=on)

    def _fall_silent(self, now: int) -> None:
        self._ring_turns_at = None
        if self.phone.is_ringing:
            self.phone.ring(now, on=False)
