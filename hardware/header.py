"""The 40-pin header as a person sees it, its table, and a config.txt: all made from `pi_companion.pinout`."""

from typing import Final

from hardware.circuits.model import GROUND, header_pin
from hardware.circuits.station import FIVE_VOLT_PINS, GROUND_PINS, THREE_VOLT_PINS
from pi_companion.pinout import HEADER, I2C, Input, Output, Pinout

_COLOURS: Final = {
    "5V": "#d9534f",
    "3V3": "#f0ad4e",
    GROUND: "#333333",
    "input": "#4a90d9",
    "output": "#5cb85c",
    "key": "#b0208a",
    "bus": "#8e6bbf",
    "free": "#dddddd",
}
_ROW: Final = 26


def word(name: str) -> str:
    """Return what a line of the pinout is called on a drawing."""
    is_light = isinstance(line := Pinout().lines()[name], Output) and not line.presses_key
    return f"{name} LED" if is_light else name.replace("_", " ")


def uses() -> dict[int, tuple[str, str]]:
    """Return what is on each of the 40 pins: a kind (a colour) and a word."""
    bcm_at = {pin: bcm for bcm, pin in HEADER.items()}
    found = {pin: ("free", f"GPIO {bcm_at[pin]} free") for pin in bcm_at}
    found |= dict.fromkeys(GROUND_PINS, (GROUND, "ground"))
    found |= dict.fromkeys(THREE_VOLT_PINS, ("3V3", "3.3 V"))
    found |= dict.fromkeys(FIVE_VOLT_PINS, ("5V", "5 V"))
    found |= {HEADER[bcm]: ("bus", f"GPIO {bcm} {name.upper()}") for name, bcm in I2C.items()}
    for name, line in Pinout().lines().items():
        kind = "input" if isinstance(line, Input) else "key" if line.presses_key else "output"
        found[header_pin(line)] = (kind, f"GPIO {line.bcm} {word(name)}")
    return found


def picture() -> str:
    """Return the header as SVG: pin 1 at the upper left, the USB sockets of a full-size board below."""
    parts = [
        '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 640 640" font-family="sans-serif" font-size="14">',
        '<rect width="640" height="640" fill="white"/>',
        '<text x="320" y="26" text-anchor="middle" font-size="16">Header of the Pi, seen from above</text>',
        '<rect x="278" y="42" width="84" height="528" rx="6" fill="#222222"/>',
    ]
    for pin, (kind, word) in sorted(uses().items()):
        row, is_left = (pin - 1) // 2, bool(pin % 2)
        x, y = (300 if is_left else 340), 60 + _ROW * row
        shape = (
            f'<rect x="{x - 10}" y="{y - 10}" width="20" height="20" fill="{_COLOURS[kind]}"/>'
            if pin == 1
            else f'<circle cx="{x}" cy="{y}" r="10" fill="{_COLOURS[kind]}"/>'
        )
        anchor, text_x = ("end", 268) if is_left else ("start", 372)
        ink = "#999999" if kind == "free" else "black"
        inside = "black" if kind in {"free", "3V3"} else "white"
        parts += [
            shape,
            f'<text x="{x}" y="{y + 4}" text-anchor="middle" font-size="10" fill="{inside}">{pin}</text>',
            f'<text x="{text_x}" y="{y + 5}" text-anchor="{anchor}" fill="{ink}">{word}</text>',
        ]
    key = (("input", "listens"), ("output", "lights"), ("key", "MUTE key"), ("bus", "I2C"), ("5V", "5 V"))
    for place, (kind, word) in enumerate((*key, ("3V3", "3.3 V"), (GROUND, "ground"))):
        x = 22 + 88 * place
        parts.append(f'<circle cx="{x}" cy="600" r="7" fill="{_COLOURS[kind]}"/>')
        parts.append(f'<text x="{x + 11}" y="605" font-size="12">{word}</text>')
    parts.append('<text x="320" y="630" text-anchor="middle" font-size="12">USB sockets at this end</text>')
    return "\n".join([*parts, "</svg>"]) + "\n"


def table() -> str:
    """Return the lines with pin, direction, level at rest and reason, as Markdown."""
    rows = ["| pin | GPIO | line | what it is | at rest | why there |", "|---|---|---|---|---|---|"]
    for name, line in sorted(Pinout().lines().items(), key=lambda item: header_pin(item[1])):
        match line:
            case Input():
                kind, rest = "input, low means yes", "high, by the Pi's pull-up"
            case Output(presses_key=True):
                kind, rest = "output, high presses", "low, by the Pi's pull-down and R102"
            case Output():
                kind, rest = "output, high is lit", "low, by the Pi's pull-down"
        rows.append(f"| {header_pin(line)} | {line.bcm} | {name} | {kind} | {rest} | {line.why} |")
    return "\n".join(rows)


def config() -> str:
    """Return a config.txt for a card written by hand; lines at rest from the first second on."""
    lines = Pinout().lines().values()
    listening = ",".join(str(bcm) for bcm in sorted(line.bcm for line in lines if isinstance(line, Input)))
    driven = ",".join(str(bcm) for bcm in sorted(line.bcm for line in lines if isinstance(line, Output)))
    return f"""# Generated from pi_companion/pinout.py by `make hardware`; never seen on a board so far.
# For a card with Raspberry Pi OS or Debian that is set up by hand; the card image has its own (firmware/boot).
# Lines to add to the config.txt that is there. Take out of cmdline.txt every console=serial0, console=ttyS0,
# console=ttyS1 and console=ttyAMA0: nothing of the system may talk on GPIO 14 and 15.
arm_64bit=1
# OLED and distance sensor. Debian's kernel has this bus on by itself; the line does no harm there.
dtparam=i2c_arm=on
# The harness has the pins of SPI and of 1-Wire; no overlay may take them.
dtparam=spi=off
# No console, no Bluetooth modem on GPIO 14 and 15.
enable_uart=0
# The sound card is on USB: the Pi's own is never mistaken for it.
dtparam=audio=off
# Before any program runs: outputs are not driven and pulled to off, inputs are pulled to "no".
gpio={driven}=ip,pd
gpio={listening}=ip,pu
"""
