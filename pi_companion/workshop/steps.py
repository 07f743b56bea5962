"""Which steps are there, in the order in which a unit is brought up? `hardware/bring-up.md` goes through them."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Final

from pi_companion.errors import UsageError
from pi_companion.workshop import mute, outputs, phone, sensors, sound
from pi_companion.workshop.bench import Bench
from pi_companion.workshop.reading import Reading


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """`read` yields the readings. `is_taught`: of a new phone, not of every unit."""

    name: str
    does: str
    read: Callable[[Bench], Iterator[Reading]]
    is_taught: bool = False


STEPS: Final = (
    Step(name="leds", does="light the four LEDs, from the left", read=outputs.leds),
    Step(name="oled", does="show the test picture", read=outputs.oled),
    Step(name="buttons", does="wait for each button", read=sensors.buttons),
    Step(name="harness", does="read the station's code", read=sensors.harness),
    Step(name="levels", does="say what every sensor says, and what changes", read=sensors.levels),
    Step(name="distance", does="measure how far away somebody sits", read=sensors.distance),
    Step(name="hook", does="follow the handset", read=phone.hook),
    Step(name="ring", does="count rings and learn their cadence", read=phone.ring),
    Step(name="lamp", does="watch the MUTE lamp, worked by hand", read=phone.lamp),
    Step(name="mute", does="press MUTE once, in a test call, and watch the lamp", read=mute.mute),
    Step(name="audio", does="listen to both sides", read=sound.audio),
    Step(name="pulse", does="find the shortest pulse the MUTE key takes", read=mute.pulse, is_taught=True),
)


def named(name: str) -> Step:
    """Return a step by its name; raise `UsageError` if there is none."""
    for step in STEPS:
        if step.name == name:
            return step
    raise UsageError(f"no step {name}; there are {', '.join(step.name for step in STEPS)}")
