"""What is said when PortAudio is there and a sound card is not well? The library's own errors never get through."""

import pytest
import sounddevice

from pi_companion.adapters import cards, tap
from pi_companion.errors import HardwareError

CARD = cards.Card(index=0, name="USB Audio", channels=2)


def failing(*_args: object, **_settings: object) -> None:
    message = "Internal PortAudio error"
    raise sounddevice.PortAudioError(message)


def agreeing(**_settings: object) -> None:
    """A card that says it can."""


class Stream:
    """A card that opens and then does not start."""

    def __init__(self, **_settings: object) -> None: ...

    start = failing

    def close(self) -> None: ...


def test_cards_that_cannot_be_listed_are_a_hardware_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sounddevice, "query_devices", failing)

    with pytest.raises(HardwareError, match=r"^the sound cards cannot be listed \(Internal PortAudio error\); unplug"):
        cards.choose("")


def test_a_card_that_cannot_be_opened_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sounddevice, "check_input_settings", agreeing)
    monkeypatch.setattr(sounddevice, "RawInputStream", failing)

    with pytest.raises(HardwareError, match=r"^USB Audio: cannot record 16000 Hz"):
        tap.Tap(CARD, print)


def test_a_card_that_does_not_start_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sounddevice, "check_input_settings", agreeing)
    monkeypatch.setattr(sounddevice, "RawInputStream", Stream)

    with pytest.raises(HardwareError, match=r"^USB Audio: does not start"), tap.Tap(CARD, print):
        pass
