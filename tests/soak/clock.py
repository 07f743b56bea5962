"""How do days pass in minutes for a device that has threads? Time moves only while every thread of it waits.

The threads are real and so is their code; what they wait with is `Turn` and `Stop` in place of Condition and Event.
"""

import threading
from collections.abc import Callable

PATIENCE_S = 60.0
"""A thread that has not come to a wait after this long is stuck in earnest."""


class Clock:
    """Session milliseconds, and what of them nobody slept through. `is_over`: nobody waits for time any more."""

    def __init__(self) -> None:
        self.now = 0
        self.asleep_ms = 0
        self.is_over = False
        self.turns: list[Turn] = []

    def next_at(self) -> int | None:
        """Return when the first of the threads has waited long enough."""
        return min((turn.until for turn in self.turns if turn.until is not None), default=None)

    def settle(self) -> None:
        """Let every thread do what it has to do now, until each of them waits for later."""
        for turn in self.turns:
            turn.settle()

    def end(self) -> None:
        """Let everybody go who waits for time."""
        self.is_over = True
        for turn in self.turns:
            with turn:
                turn.notify_all()


class Turn(threading.Condition):
    """A condition on which one thread waits in simulated time."""

    def __init__(self, clock: Clock) -> None:
        super().__init__()
        self._clock = clock
        self._is_idle = False
        self._is_due: Callable[[], object] = lambda: False
        self.until: int | None = None
        clock.turns.append(self)

    # It says whether the predicate holds, as a bool: so much is used.
    def wait_for(self, predicate: Callable[[], object], timeout: float | None = None) -> bool:  # type: ignore[override]
        """As `Condition.wait_for`; `timeout` is in seconds of the simulated clock."""
        self.until = None if timeout is None else self._clock.now + round(timeout * 1000)
        self._is_due = predicate
        while not self._is_ready():
            self._is_idle = True
            self.notify_all()
            self.wait()
        self._is_idle = False
        self.until = None
        return bool(predicate())

    def sleep(self, ms: int, is_enough: Callable[[], bool] = lambda: False) -> None:
        """Let the thread wait for so long, or until it is enough."""
        with self:
            self.wait_for(is_enough, ms / 1000)

    def settle(self) -> None:
        """Wait until its thread waits for later; for the thread that moves the clock."""
        if self._is_idle and not self._is_ready():
            return  # it is parked: nothing but time and the one that moves it can change that
        with self:
            while not self._is_idle or self._is_ready():
                self.notify_all()
                if not self.wait(PATIENCE_S):
                    raise TimeoutError("a thread of the device does not come back to its wait")

    def _is_ready(self) -> bool:
        is_late = self.until is not None and self._clock.now >= self.until
        return self._clock.is_over or is_late or bool(self._is_due())


class Stop:
    """An event that one thread waits for in simulated time."""

    def __init__(self, clock: Clock) -> None:
        self.turn = Turn(clock)
        self._is_set = False

    def is_set(self) -> bool:
        return self._is_set

    def set(self) -> None:
        with self.turn:
            self._is_set = True
            self.turn.notify_all()

    def wait(self, timeout: float | None = None) -> bool:
        with self.turn:
            return self.turn.wait_for(self.is_set, timeout)
