"""How does live audio come in? A stereo sound card through PortAudio; the callback copies and enqueues, no more.

Law 10: an overflow is put into the queue beside the audio it spoiled, and a card that is not there is an error.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from types import TracebackType
from typing import Any, Final, Self

from pi_companion.core.framer import FRAME_SAMPLES, SAMPLE_RATE_HZ
from pi_companion.errors import HardwareError

_LATENCY: Final = "low"


@dataclass(frozen=True, slots=True, kw_only=True)
class Block:
    """Interleaved 16-bit stereo as it came. `is_after_loss`: audio was lost just before it."""

    pcm: bytes
    is_after_loss: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Card:
    """An input device as PortAudio names it."""

    index: int
    name: str
    channels: int


def _portaudio() -> Any:  # noqa: ANN401 - sounddevice publishes no types
    try:
        import sounddevice  # noqa: PLC0415 - importing it needs the PortAudio library, which replay does not
    except OSError as error:
        message = f"PortAudio is missing ({error}): sudo apt-get install libportaudio2"
        raise HardwareError(message) from error
    return sounddevice


@contextmanager
def _answering(what: str) -> Iterator[Any]:
    """Lend PortAudio; turn what it says into a `HardwareError` about `what`."""
    sounddevice = _portaudio()
    try:
        yield sounddevice
    except sounddevice.PortAudioError as error:
        message = f"{what} ({error}); unplug the USB sound card and plug it in again"
        raise HardwareError(message) from error


def cards() -> tuple[Card, ...]:
    """Return every input device of at least two channels. Raises HardwareError without PortAudio."""
    with _answering("the sound cards cannot be listed") as sounddevice:
        devices = sounddevice.query_devices()
    return tuple(
        Card(index=index, name=str(device["name"]), channels=int(device["max_input_channels"]))
        for index, device in enumerate(devices)
        if device["max_input_channels"] >= 2
    )


def choose(name: str) -> Card:
    """Return the card whose name contains `name`, or the only one if `name` is empty. Raises HardwareError."""
    all_cards = cards()
    found = [card for card in all_cards if name.casefold() in card.name.casefold()]
    if len(found) == 1:
        return found[0]
    there = ", ".join(card.name for card in all_cards) or "none"
    if not found:
        wanted = f'no stereo input called "{name}"' if name else "no stereo input"
        message = (
            f"{wanted} (there: {there}); plug the USB sound card in, or name one in the site file's [audio] device"
        )
    else:
        message = f"several stereo inputs fit ({there}); name one in the site file's [audio] device"
    raise HardwareError(message)


class Tap:
    """An open card at 16 kHz. `deliver` is called from PortAudio's thread and must only enqueue."""

    def __init__(self, card: Card, deliver: Callable[[Block], None]) -> None:
        self._name = card.name

        def callback(pcm: Any, _frames: int, _time: Any, status: Any) -> None:  # noqa: ANN401 - as PortAudio calls
            deliver(Block(pcm=bytes(pcm), is_after_loss=bool(status.input_overflow)))

        with _answering(f"{card.name}: cannot record 16 kHz stereo") as sounddevice:
            self._stream = sounddevice.RawInputStream(
                device=card.index,
                samplerate=SAMPLE_RATE_HZ,
                channels=2,
                dtype="int16",
                blocksize=FRAME_SAMPLES,
                latency=_LATENCY,
                callback=callback,
            )

    def __enter__(self) -> Self:
        with _answering(f"{self._name}: does not start"):
            self._stream.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stream.close()
