"""How do the adapters of a Pi run without one? A simulated board on gpiozero's own mock pins, wired to a desk phone.

Keeps law 2: edges carry the session's clock, not the machine's. Keeps law 10: this is simulated hardware, to be asked
for by name; nothing falls back to it.
"""

from collections.abc import Callable
from typing import Any, Final, Literal

from gpiozero import Factory, PinInfo
from gpiozero.pins.mock import MockFactory, MockPin

from pi_companion.bench.phone import DeskPhone
from pi_companion.core.facts import Button
from pi_companion.pinout import Input, Output, Pinout

LightName = Literal["green", "amber", "red", "mute"]

_REVISION: Final = "c03111"
"""A Pi 4B: whatever the environment says, the simulated board is the same."""


class _Pin(MockPin):  # type: ignore[misc]  # gpiozero publishes no types
    """A pin with wires to it: `outside` is the level they hold it at while the Pi only listens."""

    _state: bool

    def __init__(self, factory: "_SessionFactory", info: PinInfo) -> None:
        self.outside = False
        self._hertz: float | None = None
        self._blinks_since = 0
        super().__init__(factory, info)

    def level(self, now: int) -> bool:
        """Return the level at a time in session milliseconds: while it is timed it changes by itself, high first."""
        if self._hertz is None:
            return self._state
        return int((now - self._blinks_since) * self._hertz * 2) // 1000 % 2 == 0

    def _get_frequency(self) -> float | None:
        return self._hertz

    def _set_frequency(self, value: float | None) -> None:
        self._hertz, self._blinks_since = value, self.factory.ticks()

    def _set_state(self, value: float) -> None:
        if self._hertz is None:
            super()._set_state(value)
        elif value != 0.5:
            raise NotImplementedError("the simulated board knows no timing but half of each cycle")

    def hold(self, level: bool) -> None:
        """Hold the pin at a level from outside; while the Pi listens, a change is an edge."""
        self.outside = level
        if self.function == "input":
            (self.drive_high if level else self.drive_low)()

    def clear_states(self) -> None:
        # The mock's own keeps every edge ever since, timed by the machine's clock; a soak runs for days.
        self._last_change = self.factory.ticks()
        self.states: list[Any] = []

    def _change_state(self, value: bool) -> bool:
        if self._state == value:
            return False
        self._state = value
        self._last_change = self.factory.ticks()
        self.factory.changed(self)
        return True

    def _set_pull(self, value: str) -> None:
        # What is wired to the pin is stronger than the Pi's pull.
        self._pull = value
        self.hold(self.outside)


class _SessionFactory(MockFactory):  # type: ignore[misc]  # gpiozero publishes no types
    """Mock pins on the clock `now`; `changed` is called at once with every pin whose level changed."""

    def __init__(self, now: Callable[[], int], changed: Callable[[_Pin], None]) -> None:
        self._now = now
        self.changed = changed
        super().__init__(revision=_REVISION, pin_class=_Pin)

    def ticks(self) -> int:
        """Return session milliseconds, in place of the machine's clock."""
        return self._now()

    @staticmethod
    def ticks_diff(later: int, earlier: int) -> float:
        """Return seconds, as gpiozero promises."""
        return (later - earlier) / 1000


class Board:
    """A simulated Pi with its wires soldered to `phone`. Use `factory` wherever a pin factory is asked for.

    Whatever changes at the phone is an edge at its own time; whatever the MUTE contact does reaches the phone at once.
    Boards are independent of each other and of gpiozero's global factory. `close` it after the adapters on it.

    `clock`: what stamps the edges, in session milliseconds; None: they carry the time of what the phone does.
    """

    def __init__(self, pinout: Pinout, phone: DeskPhone, clock: Callable[[], int] | None = None) -> None:
        self._pinout = pinout
        self._phone = phone
        self._now = 0
        self._edge_at = 0
        self._is_lamp_wired = True
        self._pins: dict[int, _Pin] = {}
        self._factory = _SessionFactory(clock or (lambda: self._edge_at), self._pin_changed)
        for line in pinout.lines().values():
            pin = self._pins[line.bcm] = self._factory.pin(line.bcm)
            # At rest: inputs by their pull resistor, outputs by the external one that the wiring asks for.
            pin.hold(line.is_active_low)
        self._follow_phone()
        phone.watch(self._phone_changed)

    @property
    def factory(self) -> Factory:
        """The pin factory to open adapters on."""
        return self._factory

    @property
    def now(self) -> int:
        """Session milliseconds."""
        return self._now

    @property
    def is_contact_closed(self) -> bool:
        """Whether the device's contact across the phone's MUTE key is closed."""
        return self._is_active(self._pinout.mute_contact)

    def set_time(self, now: int) -> None:
        """Set the clock that edges carry; what the phone does by itself is `DeskPhone.advance`.

        Raises `ValueError` if that would go back.
        """
        if now < self._now:
            raise ValueError(f"the board is at {self._now} ms already and cannot go back to {now} ms")
        self._now = self._edge_at = now

    def milliseconds_of(self, ticks: int) -> int:
        """Convert this board's ticks: they are session milliseconds already."""
        return ticks

    def press(self, button: Button) -> None:
        """Press one of the device's buttons and let go at once."""
        line = self._pinout.button(button)
        self._drive(line, is_active=True)
        self._drive(line, is_active=False)

    def strap(self, word: int) -> None:
        """Plug in a harness that has these lines at ground, the least bit first (`core.harness`); 0: pull it out."""
        for place, line in enumerate(self._pinout.harness()):
            self._drive(line, is_active=bool(word >> place & 1))

    def lose_lamp(self) -> None:
        """Take the MUTE lamp's sensor away: its line stays where it is, with no edge, whatever the lamp does."""
        self._is_lamp_wired = False

    def find_lamp(self) -> None:
        """Put the sensor back: the line shows the lamp again, with an edge if it changed meanwhile."""
        self._is_lamp_wired = True
        self._follow_phone()

    def light(self, name: LightName) -> bool:
        """Return whether that LED is lit now, by the level of its pin, which blinks by itself while it is timed."""
        return self._is_active(getattr(self._pinout, name))

    def close(self) -> None:
        """Let go of every pin, as at power-off: the LEDs are dark, the contact is open. Closing twice is fine."""
        self._factory.close()

    def _drive(self, line: Input, *, is_active: bool) -> None:
        self._pins[line.bcm].hold(is_active is not line.is_active_low)

    def _is_active(self, line: Output) -> bool:
        return self._pins[line.bcm].level(self._now) is not line.is_active_low

    def _follow_phone(self) -> None:
        self._drive(self._pinout.ring, is_active=self._phone.is_ringing)
        self._drive(self._pinout.hook, is_active=self._phone.is_off_hook)
        self._drive(self._pinout.busy_lamp, is_active=self._phone.is_busy_lamp_lit)
        if self._is_lamp_wired:
            self._drive(self._pinout.mute_lamp, is_active=self._phone.is_lamp_lit)

    def _phone_changed(self, at: int) -> None:
        self._edge_at = at
        self._now = max(self._now, at)
        self._follow_phone()
        self._edge_at = self._now

    def _pin_changed(self, pin: _Pin) -> None:
        if self._pins.get(self._pinout.mute_contact.bcm) is pin:  # not there yet while the pins are being made
            self._phone.contact(self._now, closed=self.is_contact_closed)
