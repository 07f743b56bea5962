"""Which wire is on which pin? The only place that names one, with polarity, pull and the reason beside it.

Keeps law 6: a pin that the Pi itself drives or pulls high while it boots never presses the phone's key.
`complaints` holds the rules; a `Pinout` that breaks one cannot be made.
"""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, fields
from enum import StrEnum
from types import MappingProxyType
from typing import Final

from pi_companion.core.facts import Button
from pi_companion.errors import ConfigError

PULLED_UP_AT_BOOT: Final = frozenset(range(9))
"""GPIO 0 to 8 have their pull-up on from power-on until a program says otherwise (BCM283x/2711 peripherals)."""

DRIVEN_HIGH_AT_BOOT: Final = frozenset({14})
"""GPIO 14 is the serial console's transmit line: it idles high, and is driven."""

I2C: Final = MappingProxyType({"sda": 2, "scl": 3})
"""The OLED and the distance sensor share this bus; the kernel owns the two pins, which have fixed pull-ups."""

# The 40-pin header as it lies, ends of the rows towards the USB sockets last; None: supply or ground.
# fmt: off
_PINS_1_3_TO_39: Final = (
    None, 2, 3, 4, None, 17, 27, 22, None, 10, 9, 11, None, 0, 5, 6, 13, 19, 26, None,
)
_PINS_2_4_TO_40: Final = (
    None, None, None, 14, 15, 18, None, 23, 24, None, 25, 8, 7, 1, None, 12, None, 16, 20, 21,
)
# fmt: on

HEADER: Final[Mapping[int, int]] = MappingProxyType(
    {bcm: 1 + 2 * place for place, bcm in enumerate(_PINS_1_3_TO_39) if bcm is not None}
    | {bcm: 2 + 2 * place for place, bcm in enumerate(_PINS_2_4_TO_40) if bcm is not None}
)
"""Where each BCM number is on the 40-pin header: what a person counts with a finger."""


class Pull(StrEnum):
    """The Pi's own pull resistor while it listens to a line."""

    UP = "up"
    DOWN = "down"


@dataclass(frozen=True, slots=True, kw_only=True)
class Input:
    """A line the device listens to. `is_active_low`: low means yes. `why`: what is on it, and why here."""

    bcm: int
    pull: Pull
    is_active_low: bool
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Output:
    """A line the device drives. `is_active_low`: low means on. `presses_key`: closes a contact of the phone."""

    bcm: int
    is_active_low: bool
    presses_key: bool
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Pinout:
    """Every line of the device.

    Left free on purpose: I2S (18 to 21), the console (14, 15) and the HAT's EEPROM (0, 1), so that an audio HAT or a
    serial cable still fits. SPI stays off: the harness has its pins.

    Raises `ConfigError` with everything that `complaints` has to say.
    """

    ring: Input = Input(
        bcm=17,
        pull=Pull.UP,
        is_active_low=True,
        why="Hood on the ring lamp, or the ring box: a comparator pulls low at rings; a cut wire reads as none.",
    )
    hook: Input = Input(
        bcm=27,
        pull=Pull.UP,
        is_active_low=True,
        why="Hood on the hook lamp, or a dry contact: a comparator pulls low off-hook; a cut wire reads as on-hook.",
    )
    mute_lamp: Input = Input(
        bcm=22,
        pull=Pull.UP,
        is_active_low=True,
        why="Hood on the phone's MUTE lamp: a comparator pulls low while it is lit; a cut wire reads as dark.",
    )
    busy_lamp: Input = Input(
        bcm=23,
        pull=Pull.UP,
        is_active_low=True,
        why="Optional: hood on the phone's 小休 lamp: a comparator pulls low while it is lit. Across the "
        "header from the MUTE lamp's pin, so that one cable brings both lamps; a cut wire reads as on duty.",
    )
    resume: Input = Input(
        bcm=5,
        pull=Pull.UP,
        is_active_low=True,
        why="Button to ground; the pull-up is already on at boot, which is how a button wants it.",
    )
    page: Input = Input(
        bcm=6, pull=Pull.UP, is_active_low=True, why="Button to ground, beside the resume button on the header."
    )
    snooze: Input = Input(bcm=25, pull=Pull.UP, is_active_low=True, why="Button to ground, next to a ground pin.")
    # A station's harness straps some of these six to ground; `core.harness` says which words are codes.
    harness_1: Input = Input(
        bcm=4,
        pull=Pull.UP,
        is_active_low=True,
        why="Data bit 1 of the station's code; beside a ground pin, 1-Wire stays off.",
    )
    harness_2: Input = Input(
        bcm=7,
        pull=Pull.UP,
        is_active_low=True,
        why="Data bit 2 of the station's code; SPI's select line, which stays off.",
    )
    harness_4: Input = Input(
        bcm=8,
        pull=Pull.UP,
        is_active_low=True,
        why="Data bit 4 of the station's code; SPI's select line, which stays off.",
    )
    harness_8: Input = Input(
        bcm=9,
        pull=Pull.UP,
        is_active_low=True,
        why="Data bit 8 of the station's code; SPI's data line, which stays off.",
    )
    harness_16: Input = Input(
        bcm=10,
        pull=Pull.UP,
        is_active_low=True,
        why="Data bit 16 of the station's code; SPI's data line, which stays off.",
    )
    harness_parity: Input = Input(
        bcm=11,
        pull=Pull.UP,
        is_active_low=True,
        why="Makes the number of straps odd; SPI's clock line, which stays off.",
    )
    green: Output = Output(
        bcm=12,
        is_active_low=False,
        presses_key=False,
        why="LED to ground; not on 0 to 8, where the pull-up would make it glow at boot.",
    )
    amber: Output = Output(bcm=13, is_active_low=False, presses_key=False, why="LED to ground, beside the green one.")
    red: Output = Output(bcm=16, is_active_low=False, presses_key=False, why="LED to ground, beside a ground pin.")
    mute: Output = Output(
        bcm=24, is_active_low=False, presses_key=False, why="LED to ground, apart from the ring colours."
    )
    mute_contact: Output = Output(
        bcm=26,
        is_active_low=False,
        presses_key=True,
        why="Opto-relay across the phone's MUTE key. Pulled down at boot, no second function, beside a ground pin for "
        "the external pull-down: it stays open through boot, crash and power loss.",
    )

    def __post_init__(self) -> None:
        if found := complaints(self):
            raise ConfigError("pinout", found)

    def lines(self) -> dict[str, Input | Output]:
        """Return every line by name, in the order of the fields."""
        return {field.name: getattr(self, field.name) for field in fields(self)}

    def harness(self) -> tuple[Input, ...]:
        """Return the lines of the station's code, the least bit first, parity last."""
        return (
            self.harness_1,
            self.harness_2,
            self.harness_4,
            self.harness_8,
            self.harness_16,
            self.harness_parity,
        )

    def button(self, button: Button) -> Input:
        """Return the line of one of the device's own buttons."""
        match button:
            case Button.RESUME:
                return self.resume
            case Button.PAGE:
                return self.page
            case Button.SNOOZE:
                return self.snooze


def complaints(pinout: Pinout) -> tuple[str, ...]:
    """Return what is wrong with the choice of pins; empty if it can be built."""
    lines = pinout.lines()
    uses = Counter(line.bcm for line in lines.values())
    return tuple(
        f"{name}: {complaint}" for name, line in lines.items() for complaint in _complaints_about(line, uses[line.bcm])
    )


def _complaints_about(line: Input | Output, uses: int) -> list[str]:
    found = []
    if line.bcm not in HEADER:
        found.append(f"there is no GPIO {line.bcm} on the header")
    if line.bcm in I2C.values():
        found.append(f"GPIO {line.bcm} is the I2C bus")
    if uses > 1:
        found.append(f"GPIO {line.bcm} is used {uses} times")
    match line:
        case Input():
            # A line idles where its pull holds it, so that a cut wire reads as "no".
            if line.is_active_low is not (line.pull is Pull.UP):
                found.append(f"a line pulled {line.pull} must be active {'low' if line.pull is Pull.UP else 'high'}")
        case Output(presses_key=True):
            if line.bcm in PULLED_UP_AT_BOOT:
                found.append(f"GPIO {line.bcm} is pulled up at boot and would press the key")
            if line.bcm in DRIVEN_HIGH_AT_BOOT:
                found.append(f"GPIO {line.bcm} goes high at boot and would press the key")
            if line.is_active_low:
                # Whatever is pulled down or not powered at all would press.
                found.append("a contact that closes on low would be closed whenever the Pi is off")
        case Output():
            pass
    return found
