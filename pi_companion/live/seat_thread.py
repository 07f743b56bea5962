"""What does the distance sensor say, and is there one? One thread asks it, again and again.

Keeps law 10: a sensor that is missing, gone, stuck or blind is a fact and is looked for until it measures; it never
turns into a reading, least of all into an empty seat.
"""

from collections.abc import Callable
from contextlib import suppress
from threading import Event, Lock, Thread
from types import TracebackType
from typing import Final, Self

from pi_companion.adapters.seat import PERIOD_MS, Sensor
from pi_companion.core.facts import Part, PartFound, PartLost, SeatMeasured
from pi_companion.errors import HardwareError

HUNG_MS: Final = 4000
"""A reading takes 2 s at most, opening as long: what takes longer hangs."""

BLIND_MS: Final = 30000
"""A sensor that answers and cannot tell anything for this long is as good as none: dirt, or it lost its settings."""

FIRST_RETRY_MS: Final = 1000
LONGEST_RETRY_MS: Final = 30000
"""A lost sensor is looked for after this, then each time after twice as long."""

CLOSE_MS: Final = 1000
"""What a sensor is given to stop when the device does."""


class SeatThread:
    """Reports what a distance sensor measures, which it opens itself and again whenever it was lost.

    `open_sensor` raises `HardwareError` while there is none. `report` gets readings, and every loss and return of the
    sensor, alternately, a loss first; it is called on this thread and on the caller's, and must only enqueue. `now`:
    session milliseconds. Use it as a context manager. Nothing here blocks its caller, but `close`, which is bounded.
    """

    def __init__(
        self,
        open_sensor: Callable[[], Sensor],
        report: Callable[[SeatMeasured | PartLost | PartFound], None],
        now: Callable[[], int],
        *,
        period_ms: int = PERIOD_MS,
        first_retry_ms: int = FIRST_RETRY_MS,
    ) -> None:
        self._open_sensor, self._report, self._now = open_sensor, report, now
        self._period_ms, self._first_retry_ms = period_ms, first_retry_ms
        self._retry_ms = first_retry_ms
        self._sensor: Sensor | None = None  # touched by the thread alone
        self._told_at = now()
        self._stop = Event()
        self._turn = Lock()  # guards what follows
        self._busy_since: int | None = None
        self._is_lost = False
        # A daemon: a bus that hangs must not keep a program alive that has ended.
        self._thread = Thread(target=self._run, name="seat", daemon=True)
        self._thread.start()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def check(self) -> None:
        """Report the sensor lost if what was begun with it has not ended for `HUNG_MS`. Call it once a turn."""
        with self._turn:
            if self._busy_since is not None and self._now() - self._busy_since > HUNG_MS:
                self._lose("distance sensor: the I2C bus hangs: check its four wires, then take the power away")

    def close(self) -> None:
        """Let go of the sensor. Waits `CLOSE_MS` at most; nothing is reported afterwards; twice is fine."""
        with self._turn:
            self._stop.set()
        self._thread.join(CLOSE_MS / 1000)

    def _run(self) -> None:
        wait_ms = 0
        while not self._stop.wait(wait_ms / 1000):
            wait_ms = self._attempt()
        self._let_go()

    def _attempt(self) -> int:
        """Take a reading; return after how many milliseconds to take the next, or to look for the sensor again."""
        with self._turn:
            self._busy_since = self._now()
        detail = ""
        try:
            if self._sensor is None:
                self._sensor = self._open_sensor()
                self._told_at = self._now()
            reading = self._sensor.measure()
        except HardwareError as error:
            reading, detail = None, str(error)
        except Exception as error:  # noqa: BLE001 - whatever it is, the thread lives and the loss is told
            reading, detail = None, f"distance sensor: {type(error).__name__}: {error}"
        if not detail and reading is None and self._now() - self._told_at > BLIND_MS:
            detail = "distance sensor: it cannot tell what it sees: clean its window, turn it out of the sun"
        if detail:
            self._let_go()
        with self._turn:
            self._busy_since = None
            if detail:
                self._lose(detail)
            elif reading is not None:
                self._told_at = self._now()
                self._find(SeatMeasured(at=self._told_at, distance_mm=reading.distance_mm))
        if not detail:
            self._retry_ms = self._first_retry_ms
            return self._period_ms
        wait_ms, self._retry_ms = self._retry_ms, min(self._retry_ms * 2, LONGEST_RETRY_MS)
        return wait_ms

    def _let_go(self) -> None:
        sensor, self._sensor = self._sensor, None
        if sensor is not None:
            with suppress(Exception):
                sensor.close()

    def _lose(self, detail: str) -> None:
        if not self._is_lost and not self._stop.is_set():
            self._is_lost = True
            self._report(PartLost(at=self._now(), part=Part.SEAT, detail=detail))

    def _find(self, reading: SeatMeasured) -> None:
        if self._stop.is_set():
            return
        if self._is_lost:
            self._is_lost = False
            self._report(PartFound(at=reading.at, part=Part.SEAT))
        self._report(reading)
