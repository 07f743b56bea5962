"""What happens on the wires? Turns edges of the inputs into facts, each with the time of the edge itself.

Keeps law 2: an edge's time is taken where the kernel took it, from the pin-level callback; gpiozero's public callbacks
drop it. Nothing is debounced here: a threshold is a rule, and rules live in the core.

An edge takes a millisecond or more from the kernel to here, so a level that is read may overtake it, or be overtaken:

- read before an edge that has been delivered meanwhile, a level is old news and is not delivered;
- an edge from before the last reading comes late: it is delivered, no edge is ever lost, and the level once more after
  it, so that the last word is the newest.
"""

from collections.abc import Callable
from contextlib import ExitStack
from threading import RLock
from types import TracebackType
from typing import Any, Final, Self

from gpiozero import Factory, InputDevice

from pi_companion.adapters.pins import claiming
from pi_companion.core.facts import (
    BusyLampChanged,
    Button,
    ButtonPressed,
    ButtonReleased,
    Fact,
    HookChanged,
    MuteLampChanged,
    RingLineChanged,
)
from pi_companion.pinout import Input, Pinout, Pull

Ticks = Any
"""A pin factory's own time of an edge; opaque, so it is converted once, by whoever knows the session's beginning."""

_FactOf = Callable[[int, bool], Fact]

_LEVELS: Final[dict[str, _FactOf]] = {
    "ring": lambda at, is_active: RingLineChanged(at=at, is_active=is_active),
    "hook": lambda at, is_active: HookChanged(at=at, is_off_hook=is_active),
    "mute_lamp": lambda at, is_active: MuteLampChanged(at=at, is_lit=is_active),
    "busy_lamp": lambda at, is_active: BusyLampChanged(at=at, is_lit=is_active),
}


class Line:
    """Listens to ring, hook, lamps and buttons from construction until `close`. Use it as a context manager.

    `deliver` gets every fact: each edge of the lines and of the buttons. On a Pi it is called on the pin
    library's own thread. `milliseconds_of` converts `Ticks` to session milliseconds. `has_busy_lamp`: the phone's 小休
    lamp is wired; without it that pin is left alone, and nothing is ever said about the lamp (law 10).

    Call `reread` once after opening, and whenever the lines have been quiet: the kernel queues only 16 edges a line,
    so a burst may lose the last ones, and with them where the line stands.

    Raises `HardwareError` if a pin cannot be had; those already taken are given back.
    """

    def __init__(
        self,
        pinout: Pinout,
        factory: Factory,
        deliver: Callable[[Fact], None],
        milliseconds_of: Callable[[Ticks], int],
        *,
        has_busy_lamp: bool = False,
    ) -> None:
        self._factory = factory
        self._deliver = deliver
        self._milliseconds_of = milliseconds_of
        self._devices: dict[str, InputDevice] = {}
        self._edges: dict[str, Ticks] = {}
        self._readings: dict[str, tuple[Ticks, bool]] = {}
        # Edges come on the pin library's thread; on a simulated phone delivering one may cause the next.
        self._lock = RLock()
        self._listeners: list[Callable[[Ticks, int], None]] = []  # gpiozero holds them by weak reference only
        with ExitStack() as opened:
            self._levels = [name for name in _LEVELS if name != "busy_lamp" or has_busy_lamp]
            for name in self._levels:
                self._open(opened, name, getattr(pinout, name))
            for button in Button:
                self._open(opened, button, pinout.button(button))
            self._opened = opened.pop_all()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Stop listening and give the pins back. No fact is delivered afterwards; closing twice is fine."""
        self._opened.close()

    def reread(self) -> None:
        """Deliver the present level of ring, hook and lamps, whether or not it changed."""
        began = self._factory.ticks()
        for name in self._levels:
            is_active = self._devices[name].is_active
            with self._lock:
                if not self._is_later(self._edges.get(name), began):
                    self._readings[name] = began, is_active
                    self._deliver(_LEVELS[name](self._milliseconds_of(began), is_active))

    def _is_later(self, ticks: Ticks | None, than: Ticks) -> bool:
        return ticks is not None and self._factory.ticks_diff(ticks, than) > 0

    def _hear_level(self, name: str, ticks: Ticks, *, is_active: bool) -> None:
        with self._lock:
            if not self._is_later(self._edges.get(name), ticks):
                self._edges[name] = ticks
            self._deliver(_LEVELS[name](self._milliseconds_of(ticks), is_active))
            read_at, level = self._readings.get(name, (ticks, is_active))
            if self._is_later(read_at, ticks) and level is not is_active:
                self._deliver(_LEVELS[name](self._milliseconds_of(read_at), level))

    def _open(self, opened: ExitStack, name: str, line: Input) -> None:
        def hear(ticks: Ticks, state: int) -> None:
            is_active = bool(state) is not line.is_active_low
            if name in _LEVELS:
                self._hear_level(name, ticks, is_active=is_active)
            else:
                moved = ButtonPressed if is_active else ButtonReleased
                self._deliver(moved(at=self._milliseconds_of(ticks), button=Button(name)))

        with claiming(name, line.bcm):
            # Its polarity follows from the pull, as `pinout` demands.
            device = InputDevice(line.bcm, pull_up=line.pull is Pull.UP, pin_factory=self._factory)
            opened.callback(device.close)
            device.pin.when_changed = hear
            opened.callback(setattr, device.pin, "when_changed", None)
        self._listeners.append(hear)
        self._devices[name] = device
