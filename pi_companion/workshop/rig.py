"""What does a workshop step work on? The unit, its clock, and the person beside it who lifts, presses and looks.

Keeps law 10: `DeskRig` is this machine's pins, panel, sensor and sound card; the simulated rig is another one.
"""

import time
from collections.abc import Callable
from enum import StrEnum
from types import TracebackType
from typing import Any, Final, Protocol, Self

import numpy as np
import numpy.typing as npt
from gpiozero import Factory

from pi_companion import config
from pi_companion.adapters.oled import Oled, open_oled
from pi_companion.adapters.pins import open_chip
from pi_companion.adapters.seat import Sensor, open_seat
from pi_companion.core.facts import PartLost
from pi_companion.core.framer import SAMPLE_RATE_HZ
from pi_companion.errors import HardwareError
from pi_companion.live.tap_keeper import START_MS, TapKeeper
from pi_companion.workshop.reading import Say

_BYTES_PER_MS: Final = SAMPLE_RATE_HZ // 1000 * 4  # 16 bits of both sides

Samples = npt.NDArray[np.int16]
"""16 kHz, a row for each sample: the agent's side, the customer's."""


class Ask(StrEnum):
    """What the person is asked to do."""

    REST = "handset down, nobody rings, no button pressed"
    BUTTONS = "press resume, page and snooze, one after the other, once each"
    LIFT = "lift the handset, wait for the dial tone, dial nobody"
    HANG_UP = "put the handset down"
    RING = "ring this phone from another one: four rings, do not answer, then stop"
    KEY_ON = "press the phone's own MUTE key, so that its lamp shows mute"
    KEY_OFF = "press the phone's own MUTE key, so that its lamp goes dark"
    HUSH = "say nothing, the dial tone sounding"
    SPEAK = "speak into the headset until told to stop"
    TRY = "lift, press and ring what you like for 10 s; every change is told"
    SIT = "sit upright in front of the unit"


class Look(StrEnum):
    """What the person is asked to confirm, in a word or by the device's own option."""

    GREEN = "only the green LED is lit, the first from the left"
    AMBER = "only the amber LED is lit, the second from the left"
    RED = "only the red LED is lit, the third from the left"
    MUTE = "only the MUTE LED is lit, the last one on the right"
    PICTURE = "the test picture: a frame along all four edges, a cross, TOP above"
    MUTED = "the phone shows mute, or the colleague on the line hears you no more"
    TEST_CALL = "the dial tone sounds, or a colleague is on the line who knows: no customer hears the MUTE key pressed"


class Rig(Protocol):
    """A unit, its clock and its person. `is_simulated`: time passes only in `wait`, and cannot hang."""

    is_simulated: bool

    @property
    def factory(self) -> Factory:
        """The pin factory, open."""

    def now(self) -> int:
        """Return session milliseconds."""

    def wait(self, ms: int) -> None:
        """Let so much time pass."""

    def ask(self, what: Ask) -> None:
        """Have the person do something; returns at once."""

    def confirms(self, what: Look) -> bool | None:
        """Return what the person says; None: nobody says anything."""

    def open_panel(self) -> Oled:
        """Open the OLED; raises `HardwareError`."""

    def open_sensor(self) -> Sensor:
        """Open the distance sensor; raises `HardwareError`."""

    def record(self, ms: int) -> Samples:
        """Return what both sides of the tap give for so long; raises `HardwareError`."""


class DeskRig:
    """The unit on this machine. `confirms`: asks whoever is at the terminal."""

    is_simulated = False

    def __init__(self, site: config.Site, say: Say, confirms: Callable[[Look], bool | None]) -> None:
        self._site, self._say, self._confirms = site, say, confirms
        self._factory = open_chip()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._factory.close()

    @property
    def factory(self) -> Any:  # noqa: ANN401 - gpiozero publishes no types
        """gpiozero's, on lgpio."""
        return self._factory

    def now(self) -> int:
        """Return the machine's milliseconds."""
        return time.monotonic_ns() // 1_000_000

    def wait(self, ms: int) -> None:
        """Sleep."""
        time.sleep(ms / 1000)

    def ask(self, what: Ask) -> None:
        """Tell the person."""
        self._say(f"  now: {what}")

    def confirms(self, what: Look) -> bool | None:
        """Ask the person."""
        return self._confirms(what)

    def open_panel(self) -> Oled:
        """Open the panel that the settings name."""
        display = self._site.display
        return open_oled(display.kind, port=display.i2c_port, address=display.i2c_address)

    def open_sensor(self) -> Sensor:
        """Open the sensor on the OLED's bus."""
        return open_seat(port=self._site.display.i2c_port)

    def record(self, ms: int) -> Samples:
        """Record from the cards that the settings name."""
        pieces: list[bytes] = []
        lost: list[str] = []

        def take(happening: object) -> None:
            if isinstance(happening, PartLost):
                lost.append(happening.detail)
            elif (pcm := getattr(happening, "pcm", None)) is not None:
                pieces.append(pcm)

        wanted = ms * _BYTES_PER_MS
        has_customer_side = self._site.station.customer_side
        with TapKeeper(self._site.audio, take, self.now, has_customer_side=has_customer_side):
            give_up_at = self.now() + START_MS + 2 * ms
            while sum(map(len, tuple(pieces))) < wanted and self.now() < give_up_at and not lost:
                self.wait(20)
        if sum(map(len, pieces)) < wanted:
            raise HardwareError(lost[0] if lost else "the sound card gives no audio; unplug it and plug it in again")
        return np.frombuffer(b"".join(pieces)[:wanted], np.int16).reshape(-1, 2)
