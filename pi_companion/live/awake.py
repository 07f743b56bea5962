"""Was the machine asleep, or did this process stand still? Then nothing that was known before is known any more.

Session time is CLOCK_MONOTONIC, which the kernel stamps edges with: it stands still in suspend, and no setting of the
wall's clock moves it. CLOCK_BOOTTIME goes on in suspend, which is how that is found out.
"""

from collections.abc import Callable
from typing import Final

ASLEEP_MS: Final = 500
STOOD_STILL_MS: Final = 3000
"""Between two turns there is a fifth of a second; after so long (SIGSTOP, no memory) edges and audio were lost."""


class Awake:
    """Compares two clocks at each turn; both return nanoseconds."""

    def __init__(self, monotonic_ns: Callable[[], int], boottime_ns: Callable[[], int]) -> None:
        self._monotonic_ns, self._boottime_ns = monotonic_ns, boottime_ns
        self._last_ms, self._asleep_ms = self._read()

    def gap(self) -> str | None:
        """Return what happened since the last call, for people; None: it was awake all along."""
        now_ms, asleep_ms = self._read()
        passed_ms, self._last_ms = now_ms - self._last_ms, now_ms
        slept_ms, self._asleep_ms = asleep_ms - self._asleep_ms, asleep_ms
        if slept_ms > ASLEEP_MS:
            return f"the machine slept for {slept_ms / 1000:.0f} s"
        if passed_ms > STOOD_STILL_MS:
            return f"the program stood still for {passed_ms / 1000:.0f} s"
        return None

    def _read(self) -> tuple[int, int]:
        monotonic_ns = self._monotonic_ns()
        return monotonic_ns // 1_000_000, (self._boottime_ns() - monotonic_ns) // 1_000_000
