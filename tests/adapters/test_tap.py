"""The sound card through PortAudio: which card is chosen, what a callback passes on, what is said when it fails."""

import sys
from typing import Any, Self

import pytest

from pi_companion.adapters import tap
from pi_companion.adapters.tap import Block, Card, Tap
from pi_companion.errors import HardwareError


class PortAudioError(Exception):
    """As sounddevice has it."""


class Status:
    def __init__(self, *, overflow: bool) -> None:
        self.input_overflow = overflow


class Stream:
    """A stream that records how it was opened."""

    def __init__(self, **settings: Any) -> None:  # noqa: ANN401 - PortAudio's settings
        self.settings = settings
        self.calls: list[str] = []
        self.active = False

    def start(self) -> None:
        self.calls.append("start")
        self.active = True

    def close(self) -> None:
        self.calls.append("close")
        self.active = False


class PortAudio:
    """What is used of sounddevice, with the devices it is told of."""

    PortAudioError = PortAudioError

    def __init__(self, *devices: tuple[str, int]) -> None:
        self.devices = [{"name": name, "max_input_channels": channels} for name, channels in devices]
        self.opened: list[Stream] = []
        self.refusal = ""

    def __call__(self) -> Self:
        return self

    def query_devices(self) -> list[dict[str, object]]:
        return list(self.devices)

    def RawInputStream(self, **settings: Any) -> Stream:  # noqa: ANN401, N802 - PortAudio's settings, sounddevice's name
        if self.refusal:
            raise PortAudioError(self.refusal)
        self.opened.append(Stream(**settings))
        return self.opened[-1]


@pytest.fixture
def portaudio(monkeypatch: pytest.MonkeyPatch) -> PortAudio:
    found = PortAudio(("HDMI", 0), ("Webcam mono", 1), ("USB Audio CODEC", 2))
    monkeypatch.setattr(tap, "_portaudio", found)
    return found


CODEC = Card(index=2, name="USB Audio CODEC", channels=2)


def test_only_inputs_of_two_channels_count_and_keep_their_number(portaudio: PortAudio) -> None:
    assert (tap.cards(), len(portaudio.devices)) == ((CODEC,), 3)


@pytest.mark.usefixtures("portaudio")
@pytest.mark.parametrize("name", ["", "USB", "usb audio", "CODEC"])
def test_the_only_card_that_fits_is_chosen(name: str) -> None:
    assert tap.choose(name) == CODEC


@pytest.mark.parametrize(
    ("devices", "name", "told"),
    [
        ((), "", "no stereo input (there: none); plug the USB sound card in"),
        ((("A", 2),), "B", 'no stereo input called "B" (there: A); plug'),
        (
            (("A", 2), ("AB", 8)),
            "A",
            "several stereo inputs fit (A, AB); name one in the site file's [audio] device",
        ),
    ],
)
def test_no_card_or_too_many_is_an_error_that_names_what_is_there(
    devices: tuple[tuple[str, int], ...], name: str, told: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tap, "_portaudio", PortAudio(*devices))

    with pytest.raises(HardwareError) as error:
        tap.choose(name)

    assert str(error.value)[: len(told)] == told


def test_the_card_is_opened_as_the_framer_expects_it_and_closed_at_the_end(portaudio: PortAudio) -> None:
    with Tap(CODEC, lambda _block: None):
        was_active = portaudio.opened[0].active

    (stream,) = portaudio.opened
    del stream.settings["callback"]
    assert stream.settings == {
        "device": 2,
        "samplerate": 16000,
        "channels": 2,
        "dtype": "int16",
        "blocksize": 320,
        "latency": "low",
    }
    assert (was_active, stream.active, stream.calls) == (True, False, ["start", "close"])


def test_a_block_is_a_copy_and_carries_the_loss_before_it(portaudio: PortAudio) -> None:
    blocks: list[Block] = []
    with Tap(CODEC, blocks.append):
        callback = portaudio.opened[0].settings["callback"]
        buffer = bytearray(b"\x01\x02\x03\x04")
        callback(buffer, 1, None, Status(overflow=False))
        buffer[:] = b"\x05\x06\x07\x08"  # PortAudio uses its buffer again
        callback(buffer, 1, None, Status(overflow=True))

    assert blocks == [
        Block(pcm=b"\x01\x02\x03\x04", is_after_loss=False),
        Block(pcm=b"\x05\x06\x07\x08", is_after_loss=True),
    ]


def test_a_card_that_cannot_record_so_is_an_error_that_names_it(portaudio: PortAudio) -> None:
    portaudio.refusal = "Invalid sample rate"

    with pytest.raises(HardwareError, match=r"^USB Audio CODEC: cannot record 16 kHz stereo \(Invalid sample rate\)"):
        Tap(CODEC, lambda _block: None)


def test_without_the_portaudio_library_the_package_to_install_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    class Missing:
        """Stands where sounddevice would be imported from."""

        def find_spec(self, name: str, _path: object = None, _target: object = None) -> None:
            if name == "sounddevice":
                message = "PortAudio library not found"
                raise OSError(message)

    monkeypatch.delitem(sys.modules, "sounddevice", raising=False)
    monkeypatch.setattr(sys, "meta_path", [Missing(), *sys.meta_path])

    with pytest.raises(HardwareError) as error:
        tap.cards()

    assert str(error.value) == "PortAudio is missing (PortAudio library not found): sudo apt-get install libportaudio2"
