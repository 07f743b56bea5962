"""Which sound cards are there, and which one is meant? By a part of its name, by its USB id, or the only one there is.

Law 10: a card that is not there is an error that lists what is.
"""

import re
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from pi_companion.errors import HardwareError

_HARDWARE: Final = re.compile(r"\(hw:(\d+),\d+\)")  # as PortAudio ends the name of an ALSA card
_USB: Final = re.compile(r"[0-9a-f]{4}:[0-9a-f]{4}(@.+)?", re.IGNORECASE)
_PROC: Final = Path("/proc/asound")
_SYS: Final = Path("/sys/class/sound")


@dataclass(frozen=True, slots=True, kw_only=True)
class Card:
    """An input as PortAudio names it; `rate_hz`: its own.

    `usb`: vendor, product and the port that it is plugged into (`08bb:2902@1-1.2`); empty: not on USB.
    """

    index: int
    name: str
    channels: int
    rate_hz: int = 48000
    usb: str = ""

    @property
    def is_hardware(self) -> bool:
        """Whether this is a card itself, not a name that leads to one."""
        return _HARDWARE.search(self.name) is not None

    def __str__(self) -> str:
        """Return how a person finds the card: its name, and its USB id if it has one."""
        return f"{self.name} [{self.usb}]" if self.usb else self.name


def portaudio() -> Any:  # noqa: ANN401 - sounddevice publishes no types
    """Return sounddevice, which needs the PortAudio library; raise `HardwareError` without it."""
    try:
        import sounddevice  # noqa: PLC0415 - importing it needs the PortAudio library, which replay does not
    except OSError as error:
        message = f"PortAudio is missing ({error}): sudo apt-get install libportaudio2"
        raise HardwareError(message) from error
    return sounddevice


@contextmanager
def answering(what: str) -> Iterator[Any]:
    """Lend PortAudio; turn what it says into a `HardwareError` about `what`."""
    sounddevice = portaudio()
    try:
        yield sounddevice
    except sounddevice.PortAudioError as error:
        message = f"{what} ({error}); unplug the USB sound card and plug it in again"
        raise HardwareError(message) from error


def refresh() -> None:
    """Have PortAudio look again: it lists the cards that were there when it began. Every open stream ends."""
    with answering("the sound cards cannot be listed") as sounddevice:
        sounddevice._terminate()  # noqa: SLF001 - sounddevice has no public way, and documents this one
        sounddevice._initialize()  # noqa: SLF001 - see above


def cards(*, proc: Path = _PROC, sys: Path = _SYS) -> tuple[Card, ...]:
    """Return every input. Raises `HardwareError` without PortAudio."""
    with answering("the sound cards cannot be listed") as sounddevice:
        devices = sounddevice.query_devices()
    return tuple(
        Card(
            index=index,
            name=str(device["name"]),
            channels=int(device["max_input_channels"]),
            rate_hz=round(device.get("default_samplerate", 48000)),
            usb=_usb(str(device["name"]), proc, sys),
        )
        for index, device in enumerate(devices)
        if device["max_input_channels"] >= 1
    )


def _usb(name: str, proc: Path, sys: Path) -> str:
    """Return the USB id and port of an ALSA card, by its number in PortAudio's name."""
    match = _HARDWARE.search(name)
    if match is None:
        return ""
    try:
        usb_id = (proc / f"card{match[1]}" / "usbid").read_text(encoding="ascii").strip()
    except (OSError, UnicodeDecodeError):
        return ""
    interface = (sys / f"card{match[1]}" / "device").resolve().name  # 1-1.2:1.0: the port, then its interface
    port, colon, _ = interface.partition(":")
    return f"{usb_id}@{port}" if colon else usb_id


def choose(wanted: str, *, channels: int = 2, field: str = "device") -> Card:
    """Return the card that is meant: `wanted` is part of its name, its USB id, the id with its port, or empty.

    Empty: the only input of enough channels; of several the only one on USB, else the only real card. `field`: of
    the site file's [audio], named in errors. Raises `HardwareError` that lists what is there.
    """
    there = cards()
    able = [card for card in there if card.channels >= channels]
    found = [card for card in able if _is_meant(card, wanted)]
    for is_better in (lambda card: bool(card.usb), lambda card: card.is_hardware) if not wanted else ():
        found = _narrowed(found, is_better)
    if len(found) == 1:
        return found[0]
    raise HardwareError(_complaint(wanted, there, found, channels, field))


def _is_meant(card: Card, wanted: str) -> bool:
    if _USB.fullmatch(wanted):
        usb = card.usb if "@" in wanted else card.usb.partition("@")[0]
        return usb.casefold() == wanted.casefold()
    return wanted.casefold() in card.name.casefold()


def _narrowed(found: list[Card], is_better: Callable[[Card], bool]) -> list[Card]:
    better = [card for card in found if is_better(card)]
    return better if len(better) == 1 else found


def _complaint(wanted: str, there: Sequence[Card], found: Sequence[Card], channels: int, field: str) -> str:
    kind = "stereo input" if channels >= 2 else "input"
    if found:
        hint = "; the id with its port tells two of one kind apart" if found[0].usb else ""
        listed = ", ".join(map(str, found))
        return f"several {kind}s fit ({listed}); name one in the site file's [audio] {field}{hint}"
    listed = ", ".join(f"{card}" if card.channels >= channels else f"{card} (mono)" for card in there) or "none"
    what = f'no {kind} with the USB id "{wanted}"' if _USB.fullmatch(wanted) else f'no {kind} called "{wanted}"'
    what = what if wanted else f"no {kind}"
    is_mono = any(_is_meant(card, wanted) for card in there)  # and so has too few channels
    mono = "; a mono card needs [audio] second_device for the customer, or [station] customer_side = false"
    hint = f"plug the USB sound card in, or name one in the site file's [audio] {field}{mono if is_mono else ''}"
    return f"{what} (there: {listed}); {hint}"
