"""The distance sensor's library believes whatever it reads; the adapter does not."""

import errno
from types import SimpleNamespace
from typing import Any

import pytest
import smbus2

from pi_companion.adapters import seat
from pi_companion.adapters.seat import Measured, open_seat
from pi_companion.errors import HardwareError

IDENTITY = bytes((0xEA, 0xCC))


class Wires:
    """What is on the I2C bus: a chip with this identity, or nothing once cut."""

    def __init__(self) -> None:
        self.identity = IDENTITY
        self.error: OSError | None = None
        self.opened = 0

    def answer(self, *messages: smbus2.i2c_msg) -> None:
        """Take a transfer."""
        if self.error is not None:
            raise self.error
        for message in messages:
            if message.flags:  # it is to be read
                for place, value in enumerate(self.identity[: message.len]):
                    message.buf[place] = value


class Library:
    """Stands in for the module VL53L1X: reads by its bus, out of C, and says what it is told to."""

    def __init__(self) -> None:
        self.distance_mm, self.verdict, self.status = 612, 0, 0
        self.did: list[object] = []

    def VL53L1X(self, **where: int) -> "Library":  # noqa: N802 (the library's name)
        self.did.append(where)
        self._i2c: Any = None
        return self

    def open(self) -> None:
        self._i2c.open(1)

    def close(self) -> None:
        self._i2c.close()

    def set_distance_mode(self, mode: int) -> None:
        self.did.append(("mode", mode))

    def set_timing(self, budget_us: int, period_ms: int) -> None:
        self.did.append(("timing", budget_us, period_ms))

    def start_ranging(self, mode: int) -> None:
        self.did.append(("start", mode))

    def stop_ranging(self) -> None:
        self.did.append("stop")

    def get_distance(self) -> int:
        self._i2c.i2c_rdwr(smbus2.i2c_msg.write(0x29, [0, 0x89]), smbus2.i2c_msg.read(0x29, 2))
        return self.distance_mm

    def get_range_status(self) -> int:
        return self.verdict

    def get_status(self) -> int:
        return self.status


@pytest.fixture
def wires(monkeypatch: pytest.MonkeyPatch) -> Wires:
    wires = Wires()

    def open_bus(_self: object, _port: int) -> None:
        wires.opened += 1

    def close_bus(_self: object) -> None:
        wires.opened -= 1

    monkeypatch.setattr(smbus2.SMBus, "open", open_bus)
    monkeypatch.setattr(smbus2.SMBus, "close", close_bus)
    monkeypatch.setattr(smbus2.SMBus, "i2c_rdwr", lambda _self, *messages: wires.answer(*messages))
    return wires


@pytest.fixture
def library(monkeypatch: pytest.MonkeyPatch) -> Library:
    library = Library()
    monkeypatch.setattr(seat, "import_module", lambda _name: library)
    return library


@pytest.mark.usefixtures("wires")
def test_it_measures_near_things_four_times_a_second(library: Library) -> None:
    open_seat(port=1)

    assert library.did == [{"i2c_bus": 1, "i2c_address": 0x29}, ("mode", 1), ("timing", 100000, 250), ("start", 0)]


@pytest.mark.usefixtures("wires")
@pytest.mark.parametrize(
    ("verdict", "reading"),
    [
        *((verdict, Measured(distance_mm=612)) for verdict in (0, 3, 6, 11)),
        *((verdict, Measured(distance_mm=None)) for verdict in (2, 4, 7)),
        *((verdict, None) for verdict in (1, 8, 9, 10, 12, 13, 14, 255)),
    ],
)
def test_only_a_sensor_that_looked_and_found_nothing_near_says_that_nobody_is_there(
    library: Library, verdict: int, reading: Measured | None
) -> None:
    library.verdict = verdict

    assert open_seat().measure() == reading


@pytest.mark.usefixtures("wires")
@pytest.mark.parametrize(("status", "verdict"), [(-7, 0), (-13, 2), (0, 5)])
def test_a_sensor_that_cannot_measure_is_an_error_and_not_an_empty_seat(
    library: Library, status: int, verdict: int
) -> None:
    library.status, library.verdict = status, verdict

    with pytest.raises(HardwareError, match="distance sensor: measures nothing"):
        open_seat().measure()


def test_a_wire_that_comes_off_is_an_error_though_the_library_takes_it_for_a_reading(
    library: Library, wires: Wires
) -> None:
    sensor = open_seat()
    wires.error = OSError(errno.EREMOTEIO, "Remote I/O error")
    library.distance_mm, library.verdict = -1, 2

    with pytest.raises(HardwareError, match=r"distance sensor: stopped answering .*Remote I/O error.*four wires"):
        sensor.measure()


def test_closing_stops_it_and_gives_the_bus_back(library: Library, wires: Wires) -> None:
    sensor = open_seat()

    sensor.close()

    assert (library.did[-1], wires.opened) == ("stop", 0)


@pytest.mark.usefixtures("library")
@pytest.mark.parametrize(
    ("error", "says"),
    [
        (PermissionError(errno.EACCES, "Permission denied"), "may not open /dev/i2c-1: add this user to the group i2c"),
        (FileNotFoundError(errno.ENOENT, "No such file"), "there is no /dev/i2c-1: turn I2C on"),
        (OSError(errno.EREMOTEIO, "Remote I/O error"), "nothing answers at 0x29 on /dev/i2c-1"),
    ],
)
def test_what_is_missing_is_said_with_what_to_do(wires: Wires, error: OSError, says: str) -> None:
    wires.error = error

    with pytest.raises(HardwareError) as raised:
        open_seat()

    assert says in str(raised.value)
    assert wires.opened == 0


@pytest.mark.usefixtures("library")
def test_another_chip_at_the_same_address_is_not_talked_to(wires: Wires) -> None:
    wires.identity = bytes((0xEE, 0xAA))

    with pytest.raises(HardwareError, match=r"is no VL53L1X \(it says eeaa, not eacc\)"):
        open_seat()


def test_a_missing_library_is_an_error_that_says_how_to_get_it_or_to_do_without(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def absent(name: str) -> SimpleNamespace:
        raise ModuleNotFoundError(f"No module named {name!r}", name=name)

    monkeypatch.setattr(seat, "import_module", absent)

    with pytest.raises(HardwareError, match=r"vl53l1x library .*pi-companion\[pi\].*seat_sensor = false"):
        open_seat()
