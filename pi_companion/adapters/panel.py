"""What do the LEDs show now, and is the MUTE contact closed? Performs the companion's requests on the outputs.

Keeps law 6: the contact opens by itself after its pulse, after `MAX_PULSE_MS` whatever was asked for, on any error, at
construction and at `close`. What ends a pulse, and what each of them needs:

- `pass_time`, which needs a main loop that turns;
- the guard, a thread that comes when it does not; it needs an interpreter that runs threads;
- the pin library's own thread (`timed.low_after`), which needs neither; it comes up to 20 ms later;
- the kernel, which takes every line back when the process ends, however it ends: by the service's watchdog, too.

While the process is stopped (SIGSTOP) none of them comes, and no second process could: a line belongs to one. Until
the watchdog kills it, only the one-shot on the board bounds the press.

Keeps law 7: without a valid lease no LED is lit, and a guard darkens them when a loop that hangs lets it run out.
Blinking is timed by the pin library's own thread (`timed.blink`): it stays even while loop or interpreter are busy.
"""

from collections.abc import Callable
from contextlib import ExitStack
from threading import RLock, Timer
from types import TracebackType
from typing import Final, Self, assert_never

from gpiozero import LED, Factory, OutputDevice

from pi_companion.adapters.pins import claiming
from pi_companion.adapters.timed import blink, low_after, steady
from pi_companion.core.effects import PressMute, ReleaseMute, SetLeds
from pi_companion.core.states import Light
from pi_companion.pinout import Pinout

MAX_PULSE_MS: Final = 300
"""The contact is never held longer, whatever an effect says."""

After = Callable[[int, Callable[[], None]], Callable[[], None]]
"""Runs a function once, after so many milliseconds, on its own; returns what cancels it."""

_LEDS: Final = ("green", "amber", "red", "mute")


def wall_clock_guard(after_ms: int, act: Callable[[], None]) -> Callable[[], None]:
    """Run `act` after real milliseconds, on a thread of its own that does not keep the program alive."""
    timer = Timer(after_ms / 1000, act)
    timer.daemon = True
    timer.start()
    return timer.cancel


def hertz(light: Light) -> int:
    """Return how often an LED blinks each second; 0: it does not."""
    match light:
        case Light.OFF | Light.ON:
            return 0
        case Light.BLINK:
            return 1
        case Light.BLINK_FAST:
            return 4
        case _:
            assert_never(light)


class Panel:
    """Drives four LEDs and the MUTE contact. Use it as a context manager.

    Its owner calls `pass_time` no later than `deadline`; everything is computed from the time that is passed. `after`
    schedules the guards that open the contact and darken the LEDs if `pass_time` does not come: `wall_clock_guard` on a
    live device; None in simulated time, which cannot hang.

    Raises `HardwareError` if a pin cannot be had; those already taken are given back, the contact open.
    """

    def __init__(self, pinout: Pinout, factory: Factory, after: After | None = None) -> None:
        self._after = after
        self._now = 0
        self._shown: SetLeds | None = None
        self._dark_at = 0
        self._opens_at: int | None = None
        self._cancel_guard: Callable[[], None] | None = None
        self._cancel_lease: Callable[[], None] | None = None
        self._factory = factory
        self._bcms = {name: line.bcm for name, line in pinout.lines().items()}
        self._lights = dict.fromkeys(_LEDS, Light.OFF)
        # The guards come on other threads; a simulated phone may answer a press with the next request at once.
        self._lock = RLock()
        with ExitStack() as opened:
            contact = pinout.mute_contact
            with claiming("mute_contact", contact.bcm):
                self._contact = OutputDevice(
                    contact.bcm, active_high=not contact.is_active_low, initial_value=False, pin_factory=factory
                )
            opened.callback(self._contact.close)
            self._leds: dict[str, LED] = {}
            for name in _LEDS:
                line = getattr(pinout, name)
                with claiming(name, line.bcm):
                    self._leds[name] = LED(line.bcm, active_high=not line.is_active_low, pin_factory=factory)
                opened.callback(self._leds[name].close)
            self._opened = opened.pop_all()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Open the contact, darken the LEDs, give the pins back. Closing twice is fine."""
        try:
            self._open_contact()
        finally:
            try:
                self._lease(None)
                self._show()
            finally:
                self._opened.close()

    def is_driven(self, name: str) -> bool:
        """Return whether an output, by its name in `pinout`, is on now: its level as it is read back."""
        return bool((self._contact if name == "mute_contact" else self._leds[name]).value)

    @property
    def is_pressing(self) -> bool:
        """Whether the contact is closed."""
        return self._opens_at is not None

    def perform(self, effect: SetLeds | PressMute | ReleaseMute) -> None:
        """Do what the effect asks for, at its time. Whatever goes wrong, the contact is opened first."""
        try:
            self.pass_time(effect.at)
            match effect:
                case SetLeds():
                    self._lease(effect)
                    self._show()
                case PressMute():
                    self._press(min(effect.pulse_ms, MAX_PULSE_MS))
                case ReleaseMute():
                    self._open_contact()
                case _:
                    assert_never(effect)
        except BaseException:
            self._open_contact()
            raise

    def deadline(self) -> int | None:
        """Return when `pass_time` has something to do: the pulse ends, or the lease of the LEDs does."""
        due = [self._opens_at, self._next_light_at()]
        return min((at for at in due if at is not None), default=None)

    def pass_time(self, now: int) -> None:
        """Do what is due at `now`, the contact first. A time before the last one changes nothing."""
        self._now = max(self._now, now)
        if self._opens_at is not None and self._now >= self._opens_at:
            self._open_contact()
        self._show()

    def _press(self, pulse_ms: int) -> None:
        with self._lock:
            if self._opens_at is not None or pulse_ms <= 0:
                return
            # The end is certain before the beginning: without a guard there is no press.
            if self._after is not None:
                self._cancel_guard = self._after(pulse_ms, self._open_contact)
            low_after(self._factory, self._bcms["mute_contact"], pulse_ms)
            self._opens_at = self._now + pulse_ms
            self._contact.on()

    def _open_contact(self) -> None:
        with self._lock:
            if not self._contact.closed:
                self._contact.off()
            # Only now: if that failed, the guard and the next `pass_time` try again.
            self._opens_at = None
            if self._cancel_guard is not None:
                self._cancel_guard()
                self._cancel_guard = None

    def _lease(self, effect: SetLeds | None) -> None:
        with self._lock:
            if self._cancel_lease is not None:
                self._cancel_lease()
                self._cancel_lease = None
            self._shown = effect
            self._dark_at = self._now if effect is None or effect.lease_until is None else effect.lease_until
            lease_ms = self._dark_at - self._now
            # The end is certain before the beginning, here too.
            if effect is not None and lease_ms > 0 and self._after is not None:
                self._cancel_lease = self._after(lease_ms, lambda: self._expire(effect))

    def _expire(self, effect: SetLeds) -> None:
        with self._lock:
            if self._shown is effect:  # a guard that comes late darkens nothing newer
                self._shown = None
                self._show()

    def _show(self) -> None:
        with self._lock:
            shown = self._leased()
            for name, led in self._leds.items():
                light = Light.OFF if shown is None else getattr(shown, name)
                if light is not self._lights[name] and not led.closed:
                    self._set(name, led, light)

    def _set(self, name: str, led: LED, light: Light) -> None:
        blinks_hz, bcm = hertz(light), self._bcms[name]
        if hertz(self._lights[name]):
            steady(self._factory, bcm, led)
        self._lights[name] = light
        if blinks_hz:
            blink(self._factory, bcm, led, blinks_hz)
        else:
            led.value = light is Light.ON

    def _leased(self) -> SetLeds | None:
        return self._shown if self._now < self._dark_at else None

    def _next_light_at(self) -> int | None:
        shown = self._leased()
        is_lit = shown is not None and any(getattr(shown, name) is not Light.OFF for name in _LEDS)
        return self._dark_at if is_lit else None
