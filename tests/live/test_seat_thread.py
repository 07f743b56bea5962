"""A sensor that is gone is gone, and never an empty seat; a sensor that sees nobody says so."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from queue import SimpleQueue
from threading import Event

import pytest

from pi_companion.adapters.seat import Measured
from pi_companion.core.facts import Part, PartFound, PartLost, SeatMeasured
from pi_companion.errors import HardwareError
from pi_companion.live.seat_thread import BLIND_MS, HUNG_MS, SeatThread

LONG_S = 30
"""What is waited for comes at once; a machine that is busy with something else may take its time."""

Happening = Measured | Exception | None


class Chip:
    """A distance sensor that goes through a script: each entry is opened, read, or raised; then it waits."""

    def __init__(self) -> None:
        self.script: SimpleQueue[Happening | Callable[[], None]] = SimpleQueue()
        self.opened = 0
        self.closed = 0
        self.is_missing = False

    def measure(self) -> Measured | None:
        happening = self.script.get(timeout=LONG_S)
        if callable(happening):
            happening()
            return None
        if isinstance(happening, Exception):
            raise happening
        return happening

    def close(self) -> None:
        self.closed += 1


class Desk:
    """A sensor, its thread, and what the thread reports."""

    def __init__(self, *, is_missing: bool = False) -> None:
        self.chip = Chip()
        self.chip.is_missing = is_missing
        self.now = 1000
        self.reports: SimpleQueue[SeatMeasured | PartLost | PartFound] = SimpleQueue()
        self.thread = SeatThread(self.open, self.reports.put, lambda: self.now, period_ms=0, first_retry_ms=1)

    def open(self) -> Chip:
        if self.chip.is_missing:
            message = "distance sensor: nothing answers"
            raise HardwareError(message)
        self.chip.opened += 1
        return self.chip

    def happens(self, *happenings: Happening) -> None:
        for happening in happenings:
            self.chip.script.put(happening)

    def reported(self, count: int) -> list[SeatMeasured | PartLost | PartFound]:
        return [self.reports.get(timeout=LONG_S) for _ in range(count)]

    def stick(self) -> Event:
        """Have the next reading hang, and wait until it does; return what frees it."""
        is_stuck, free = Event(), Event()

        def hang() -> None:
            is_stuck.set()
            assert free.wait(LONG_S)

        self.chip.script.put(hang)
        assert is_stuck.wait(LONG_S)
        return free

    def close(self) -> None:
        self.chip.script.put(None)  # what it waits for
        self.thread.close()
        self.thread._thread.join(LONG_S)


@pytest.fixture
def desk() -> Iterator[Desk]:
    with ExitStack() as stack:
        desk = Desk()
        stack.callback(desk.close)
        yield desk


def test_what_is_measured_is_a_fact(desk: Desk) -> None:
    desk.happens(Measured(distance_mm=612), Measured(distance_mm=615))

    assert desk.reported(2) == [SeatMeasured(at=1000, distance_mm=612), SeatMeasured(at=1000, distance_mm=615)]


def test_nothing_near_is_nobody_there(desk: Desk) -> None:
    desk.happens(Measured(distance_mm=None))

    assert desk.reported(1) == [SeatMeasured(at=1000, distance_mm=None)]


def test_a_sensor_that_cannot_tell_says_nothing(desk: Desk) -> None:
    desk.happens(None, None, Measured(distance_mm=612))

    assert desk.reported(1) == [SeatMeasured(at=1000, distance_mm=612)]


def test_a_sensor_that_stops_answering_is_lost_and_is_never_an_empty_seat(desk: Desk) -> None:
    desk.happens(Measured(distance_mm=612), HardwareError("distance sensor: stopped answering"))

    assert desk.reported(2) == [
        SeatMeasured(at=1000, distance_mm=612),
        PartLost(at=1000, part=Part.SEAT, detail="distance sensor: stopped answering"),
    ]


def test_a_sensor_that_is_plugged_in_again_is_opened_again_and_found_by_what_it_measures(desk: Desk) -> None:
    desk.happens(HardwareError("gone"), HardwareError("gone"), None, Measured(distance_mm=612))

    assert desk.reported(3) == [
        PartLost(at=1000, part=Part.SEAT, detail="gone"),
        PartFound(at=1000, part=Part.SEAT),
        SeatMeasured(at=1000, distance_mm=612),
    ]
    assert (desk.chip.opened, desk.chip.closed) == (3, 2)


def test_a_sensor_that_is_missing_at_the_start_is_lost_until_it_comes() -> None:
    desk = Desk(is_missing=True)
    before = desk.reported(1)

    desk.chip.is_missing = False
    desk.happens(Measured(distance_mm=612))
    after = desk.reported(2)

    desk.close()
    assert before == [PartLost(at=1000, part=Part.SEAT, detail="distance sensor: nothing answers")]
    assert after == [PartFound(at=1000, part=Part.SEAT), SeatMeasured(at=1000, distance_mm=612)]


def test_a_bus_that_hangs_is_a_lost_sensor_once_it_has_taken_too_long(desk: Desk) -> None:
    free = desk.stick()

    desk.now += HUNG_MS
    desk.thread.check()
    assert desk.reports.empty()
    desk.now += 1
    desk.thread.check()
    desk.thread.check()
    free.set()
    desk.happens(Measured(distance_mm=612))

    lost, *found = desk.reported(3)
    assert isinstance(lost, PartLost)
    assert (lost.at, lost.part, lost.detail.startswith("distance sensor: the I2C bus hangs")) == (5001, Part.SEAT, True)
    assert found == [PartFound(at=5001, part=Part.SEAT), SeatMeasured(at=5001, distance_mm=612)]


def test_a_sensor_that_is_blind_for_long_is_lost_and_started_anew(desk: Desk) -> None:
    desk.happens(Measured(distance_mm=612))
    desk.reported(1)
    desk.now += BLIND_MS + 1
    desk.happens(None, Measured(distance_mm=615))

    lost, *found = desk.reported(3)
    assert isinstance(lost, PartLost)
    assert "cannot tell what it sees" in lost.detail
    assert found == [PartFound(at=31001, part=Part.SEAT), SeatMeasured(at=31001, distance_mm=615)]
    assert (desk.chip.opened, desk.chip.closed) == (2, 1)


def test_a_lost_sensor_is_looked_for_less_and_less_often(desk: Desk) -> None:
    desk.happens(*[HardwareError("gone")] * 3)
    desk.reported(1)
    free = desk.stick()  # the fourth attempt

    waits_ms = desk.thread._retry_ms
    free.set()

    assert waits_ms == 8


def test_whatever_goes_wrong_in_the_library_the_sensor_is_only_lost(desk: Desk) -> None:
    desk.happens(ZeroDivisionError("in C"), Measured(distance_mm=612))

    lost, *found = desk.reported(3)
    assert lost == PartLost(at=1000, part=Part.SEAT, detail="distance sensor: ZeroDivisionError: in C")
    assert found == [PartFound(at=1000, part=Part.SEAT), SeatMeasured(at=1000, distance_mm=612)]


def test_closing_lets_go_of_the_sensor_and_nothing_is_reported_afterwards() -> None:
    desk = Desk()
    desk.happens(Measured(distance_mm=612))
    desk.reported(1)
    free = desk.stick()

    desk.thread.close()  # does not wait for a stuck bus for long
    is_let_go_late = desk.chip.closed == 0
    free.set()
    desk.happens(Measured(distance_mm=1))
    desk.close()

    assert (is_let_go_late, desk.chip.closed, desk.reports.empty()) == (True, 1, True)
