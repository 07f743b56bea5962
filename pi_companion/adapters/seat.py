"""How far away is what sits in front of the desk? A VL53L1X on the OLED's I2C bus, one reading at a time.

Keeps law 10: a sensor that does not answer is a `HardwareError`, one that cannot tell has measured nothing, and only
one that looked and found nothing near says so. Its library takes every failure of the bus for success and goes on with
what was in its memory; therefore it gets a bus that remembers them.
"""

from dataclasses import dataclass
from importlib import import_module
from typing import Any, Final, Protocol

import smbus2

from pi_companion.errors import HardwareError

PERIOD_MS: Final = 250
"""From one reading to the next."""

ADDRESS: Final = 0x29
"""Where a VL53L1X answers."""

_MODEL: Final = (0x010F, bytes((0xEA, 0xCC)))
"""The register that says what the chip is, and what a VL53L1X has there (its datasheet, DS12385)."""

_SHORT: Final = 1
"""Its mode that sees 1.3 m, and as far in daylight: a seat is nearer, and a window may be behind it."""

_BUDGET_US: Final = 100_000
_VALID: Final = frozenset({0, 3, 6, 11})
"""Its verdicts on a distance that is one: valid; clipped at the near end; not checked for wrap-around; two echoes."""

_NOTHING_NEAR: Final = frozenset({2, 4, 7})
"""No echo to speak of; one from the far end of what it sees; one that belongs to an earlier pulse, from beyond."""

_BROKEN: Final = 5
_CHECK: Final = "check the distance sensor's four wires"


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    """A reading. `distance_mm`: None if the sensor looked and nothing was there as far as it sees."""

    distance_mm: int | None


class Sensor(Protocol):
    """What measures the distance to whoever sits there."""

    def measure(self) -> Measured | None:
        """Wait for the next reading, 2 s at most; None: the sensor could not tell.

        Raises `HardwareError` if it does not answer.
        """

    def close(self) -> None:
        """Let go of the bus; never raises."""


class _Bus(smbus2.SMBus):
    """An I2C bus that raises nothing: `failure` is the first error there was.

    The library calls it from C, where an exception is printed and taken for success. After a failure nothing is
    transferred any more: the library would go on asking a bus that hangs, two thousand times.
    """

    failure: OSError | None = None

    def i2c_rdwr(self, *i2c_msgs: smbus2.i2c_msg) -> None:
        """Transfer the messages, unless there was a failure; what was to be read is zero then."""
        if self.failure is None:
            try:
                super().i2c_rdwr(*i2c_msgs)
            except OSError as error:
                self.failure = error


class Vl53l1x:
    """A VL53L1X that is measuring, each `PERIOD_MS`. `chip` is the library's, open on `bus`."""

    def __init__(self, chip: Any, bus: _Bus) -> None:  # noqa: ANN401 - the library publishes no types
        self._chip, self._bus = chip, bus

    def measure(self) -> Measured | None:
        """Return the next reading, None if the sensor could not tell; raise `HardwareError` if it does not answer."""
        distance_mm: int = self._chip.get_distance()
        if self._bus.failure is not None:
            raise HardwareError(f"distance sensor: stopped answering ({self._bus.failure}): {_CHECK}")
        verdict: int = self._chip.get_range_status()
        if (status := self._chip.get_status()) or verdict == _BROKEN:
            raise HardwareError(f"distance sensor: measures nothing (error {status}, verdict {verdict}): {_CHECK}")
        if verdict in _VALID:
            return Measured(distance_mm=max(0, distance_mm))
        return Measured(distance_mm=None) if verdict in _NOTHING_NEAR else None

    def close(self) -> None:
        """Stop measuring and let go of the bus."""
        self._chip.stop_ranging()
        self._chip.close()


def open_seat(*, port: int = 1) -> Vl53l1x:
    """Open the VL53L1X on the I2C bus of this number and have it measure.

    Raises `HardwareError`: the library or the bus is missing, nothing answers, or something that is no VL53L1X.
    """
    try:
        library = import_module("VL53L1X")
    except (ImportError, OSError) as error:
        raise HardwareError(
            f"the distance sensor needs the vl53l1x library ({error}): install pi-companion[pi] on the Pi, or say "
            "seat_sensor = false in the site file's [station]"
        ) from error
    _require_chip(port)
    bus = _Bus()
    try:
        chip = library.VL53L1X(i2c_bus=port, i2c_address=ADDRESS)
        chip._i2c = bus  # noqa: SLF001 - there is no other way to learn of a failing bus
        chip.open()
        chip.set_distance_mode(_SHORT)
        chip.set_timing(_BUDGET_US, PERIOD_MS)
        chip.start_ranging(0)  # in the mode that was set
    except (RuntimeError, OSError) as error:
        bus.close()
        raise HardwareError(f"distance sensor: cannot be started ({error}): {_CHECK}") from error
    if bus.failure is not None:
        chip.close()
        raise HardwareError(f"distance sensor: stopped answering ({bus.failure}): {_CHECK}")
    return Vl53l1x(chip, bus)


def _require_chip(port: int) -> None:
    """Look for a VL53L1X: the library would begin to talk to whatever answers."""
    device = f"/dev/i2c-{port}"
    register, expected = _MODEL
    asked, answer = smbus2.i2c_msg.write(ADDRESS, register.to_bytes(2, "big")), smbus2.i2c_msg.read(ADDRESS, 2)
    try:
        with smbus2.SMBus(port) as bus:
            bus.i2c_rdwr(asked, answer)
    except PermissionError as error:
        message = f"distance sensor: may not open {device}: add this user to the group i2c and log in again"
        raise HardwareError(message) from error
    except FileNotFoundError as error:
        message = f"distance sensor: there is no {device}: turn I2C on (raspi-config, Interface Options, I2C)"
        raise HardwareError(message) from error
    except OSError as error:
        message = f"distance sensor: nothing answers at 0x{ADDRESS:02X} on {device} ({error}): {_CHECK}"
        raise HardwareError(message) from error
    if (found := bytes(answer)) != expected:
        raise HardwareError(
            f"distance sensor: what answers at 0x{ADDRESS:02X} on {device} is no VL53L1X (it says {found.hex()}, not "
            f"{expected.hex()}): fit one, or say seat_sensor = false in the site file's [station]"
        )
