"""How does live audio come in? Sound cards through PortAudio; the callback copies and enqueues, no more.

Law 10: an overflow is put into the queue beside the audio it spoiled, and a card that is not there is an error.
"""

from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass
from functools import partial
from types import TracebackType
from typing import Any, Final, Self

from pi_companion.adapters.cards import Card, answering, choose, refresh
from pi_companion.core.framer import FRAME_MS, SAMPLE_RATE_HZ
from pi_companion.errors import HardwareError

_LATENCY: Final = "low"
_RATES_HZ: Final = (SAMPLE_RATE_HZ, 48000, 44100)  # the one we need, then those that every card has


@dataclass(frozen=True, slots=True, kw_only=True)
class Block:
    """16-bit samples as they came, channels interleaved. `is_after_loss`: audio was lost just before it."""

    pcm: bytes
    is_after_loss: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Form:
    """How a card records: samples a second, and channels."""

    rate_hz: int
    channels: int


def form_of(card: Card, channels: int) -> Form:
    """Return the first form that the card can: 16 kHz if it can, else its own rate; more channels if it has to.

    Raises `HardwareError` if it can do none of them.
    """
    rates = dict.fromkeys((*_RATES_HZ, card.rate_hz))
    refusal = ""
    with answering(f"{card.name}: cannot record") as sounddevice:
        for number in range(channels, 3):
            for rate_hz in rates:
                try:
                    sounddevice.check_input_settings(
                        device=card.index, channels=number, dtype="int16", samplerate=rate_hz
                    )
                except (sounddevice.PortAudioError, ValueError) as error:
                    refusal = refusal or str(error)
                else:
                    return Form(rate_hz=rate_hz, channels=number)
    kind = "stereo" if channels == 2 else "mono"
    message = f"{card.name}: cannot record {kind} ({refusal}); unplug the USB sound card and plug it in again"
    raise HardwareError(message)


class Tap:
    """An open card. `deliver` is called from PortAudio's thread and must only enqueue."""

    def __init__(self, card: Card, deliver: Callable[[Block], None], *, channels: int = 2) -> None:
        self.card = card
        self.form = form_of(card, channels)

        def callback(pcm: Any, _frames: int, _time: Any, status: Any) -> None:  # noqa: ANN401 - as PortAudio calls
            deliver(Block(pcm=bytes(pcm), is_after_loss=bool(status.input_overflow)))

        with answering(f"{card.name}: cannot record {self.form.rate_hz} Hz") as sounddevice:
            self._stream = sounddevice.RawInputStream(
                device=card.index,
                samplerate=self.form.rate_hz,
                channels=self.form.channels,
                dtype="int16",
                blocksize=self.form.rate_hz * FRAME_MS // 1000,
                latency=_LATENCY,
                callback=callback,
            )

    @property
    def is_running(self) -> bool:
        """Whether it records; a card that was unplugged does not."""
        return bool(self._stream.active)

    def __enter__(self) -> Self:
        with answering(f"{self.card.name}: does not start"):
            self._stream.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        with answering(f"{self.card.name}: does not close"):
            self._stream.close()


class Taps:
    """The cards that a desk is tapped with, open: one of two channels, or one card for each side."""

    def __init__(self, taps: tuple[Tap, ...], stack: ExitStack) -> None:
        self.taps = taps
        self._stack = stack

    @property
    def names(self) -> tuple[str, ...]:
        """The cards, as a person finds them."""
        return tuple(str(tap.card) for tap in self.taps)

    @property
    def forms(self) -> tuple[Form, ...]:
        """How each card records."""
        return tuple(tap.form for tap in self.taps)

    @property
    def is_running(self) -> bool:
        """Whether all of them record."""
        return all(tap.is_running for tap in self.taps)

    def close(self) -> None:
        """Let the cards go. Raises `HardwareError` if one does not answer."""
        self._stack.close()


def chosen(device: str, second_device: str = "", *, has_customer_side: bool = True) -> tuple[Card, ...]:
    """Return the cards of a desk, the agent's first. Raises `HardwareError` that says what is there."""
    if not has_customer_side:
        return (choose(device, channels=1),)
    if not second_device:
        return (choose(device),)
    both = choose(device, channels=1), choose(second_device, channels=1, field="second_device")
    if both[0].index == both[1].index:
        message = f"[audio] device and second_device are one card ({both[0]}); name another one for the customer's side"
        raise HardwareError(message)
    return both


def open_taps(
    device: str, second_device: str, deliver: Callable[[int, Block], None], *, has_customer_side: bool = True
) -> Taps:
    """Open and start the cards of a desk, as they are plugged in now; no other stream may be open.

    `deliver` takes the number of the card (0: the agent's, or both sides) and a block, from PortAudio's threads.
    Raises `HardwareError`.
    """
    refresh()
    chosen_cards = chosen(device, second_device, has_customer_side=has_customer_side)
    channels = 2 if has_customer_side and len(chosen_cards) == 1 else 1
    with ExitStack() as stack:
        taps = tuple(
            stack.enter_context(Tap(card, partial(deliver, number), channels=channels))
            for number, card in enumerate(chosen_cards)
        )
        return Taps(taps, stack.pop_all())
