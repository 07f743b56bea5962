"""The sound card through PortAudio: which card is chosen, what a callback passes on, what is said when it fails."""

import sys
from pathlib import Path
from typing import Any, Self

import pytest

from pi_companion.adapters import cards, tap
from pi_companion.adapters.cards import Card
from pi_companion.adapters.tap import Block, Form, Tap
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
        self.plugged = [(name, channels, 48000.0) for name, channels in devices]
        self.devices: list[dict[str, object]] = []
        self.opened: list[Stream] = []
        self.refusal = ""
        self.rates_hz = {16000}
        self.fewest_channels = 1
        self._initialize()

    def _terminate(self) -> None:
        self.devices = []
        for stream in self.opened:
            stream.active = False

    def _initialize(self) -> None:
        names = ("name", "max_input_channels", "default_samplerate")
        self.devices = [dict(zip(names, device, strict=True)) for device in self.plugged]

    def check_input_settings(self, *, device: int, channels: int, dtype: str, samplerate: int) -> None:
        name, most, _ = self.plugged[device]
        if samplerate not in self.rates_hz or not self.fewest_channels <= channels <= most or dtype != "int16":
            message = f"Invalid sample rate of {name}"
            raise PortAudioError(message)

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
    monkeypatch.setattr(cards, "portaudio", found)
    return found


CODEC = Card(index=2, name="USB Audio CODEC", channels=2)
WEBCAM = Card(index=1, name="Webcam mono", channels=1)


# Which card


def test_every_input_is_listed_and_keeps_its_number(portaudio: PortAudio) -> None:
    assert (cards.cards(), len(portaudio.devices)) == ((WEBCAM, CODEC), 3)


@pytest.mark.usefixtures("portaudio")
@pytest.mark.parametrize("name", ["", "USB", "usb audio", "CODEC"])
def test_the_only_card_that_fits_is_chosen(name: str) -> None:
    assert cards.choose(name) == CODEC


@pytest.mark.parametrize(
    ("devices", "name", "told"),
    [
        ((), "", "no stereo input (there: none); plug the USB sound card in"),
        ((("A", 2), ("C", 1)), "B", 'no stereo input called "B" (there: A, C (mono)); plug'),
        ((("A", 2),), "08bb:2902", 'no stereo input with the USB id "08bb:2902" (there: A); plug'),
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
    monkeypatch.setattr(cards, "portaudio", PortAudio(*devices))

    with pytest.raises(HardwareError) as error:
        cards.choose(name)

    assert str(error.value)[: len(told)] == told


@pytest.mark.parametrize("name", ["", "webcam"])
def test_a_mono_card_that_should_be_both_sides_is_told_what_it_needs(name: str, portaudio: PortAudio) -> None:
    portaudio.plugged = [("Webcam", 1, 48000.0)]
    portaudio._initialize()

    with pytest.raises(HardwareError, match=r"Webcam \(mono\).*second_device .*or \[station\] customer_side = false"):
        cards.choose(name)


class Usb:
    """Two cards of one kind on USB and one that is not, as the kernel describes them."""

    def __init__(self, root: Path) -> None:
        self.proc, self.sys = root / "proc", root / "sys"
        for number, (usb, port) in enumerate([("", ""), ("08bb:2902", "1-1.2"), ("08bb:2902", "1-1.3")]):
            (self.proc / f"card{number}").mkdir(parents=True)
            (self.sys / f"card{number}").mkdir(parents=True)
            if usb:
                (self.proc / f"card{number}" / "usbid").write_text(f"{usb}\n")
                device = root / "devices" / port / f"{port}:1.0"
                device.mkdir(parents=True)
                (self.sys / f"card{number}" / "device").symlink_to(device)

    def cards(self) -> tuple[Card, ...]:
        return cards.cards(proc=self.proc, sys=self.sys)


@pytest.fixture
def usb(tmp_path: Path, portaudio: PortAudio, monkeypatch: pytest.MonkeyPatch) -> Usb:
    portaudio.plugged = [("PCH (hw:0,0)", 2, 44100.0), *((f"PnP (hw:{number},0)", 2, 48000.0) for number in (1, 2))]
    portaudio._initialize()
    usb = Usb(tmp_path)
    found = usb.cards()
    monkeypatch.setattr(cards, "cards", lambda: found)
    return usb


@pytest.mark.usefixtures("usb")
def test_a_card_tells_its_usb_id_and_its_port() -> None:
    assert [str(card) for card in cards.cards()] == [
        "PCH (hw:0,0)",
        "PnP (hw:1,0) [08bb:2902@1-1.2]",
        "PnP (hw:2,0) [08bb:2902@1-1.3]",
    ]


@pytest.mark.usefixtures("usb")
@pytest.mark.parametrize(("wanted", "index"), [("08BB:2902@1-1.3", 2), ("hw:1,0", 1), ("pch", 0)])
def test_a_card_is_chosen_by_usb_id_and_port(wanted: str, index: int) -> None:
    assert cards.choose(wanted).index == index


@pytest.mark.usefixtures("usb")
def test_two_cards_of_one_kind_are_told_apart_by_their_port() -> None:
    with pytest.raises(HardwareError, match=r"several stereo inputs fit \(PnP .*1-1.2\], PnP .*the id with its port"):
        cards.choose("08bb:2902")


def test_of_several_the_only_one_on_usb_is_meant_else_the_only_real_card(portaudio: PortAudio, tmp_path: Path) -> None:
    usb = Usb(tmp_path)
    names = ["default", "pulse", "PCH (hw:0,0)", "PnP (hw:1,0)"]
    chosen = []
    for count in (3, 4):
        portaudio.plugged = [(name, 2, 48000.0) for name in names[:count]]
        portaudio._initialize()
        found = usb.cards()
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(cards, "cards", lambda found=found: found)
            chosen.append(cards.choose("").name)

    assert chosen == ["PCH (hw:0,0)", "PnP (hw:1,0)"]


# How it records


@pytest.mark.parametrize(
    ("rates_hz", "fewest", "channels", "form"),
    [
        ({16000, 48000}, 1, 2, Form(rate_hz=16000, channels=2)),
        ({44100, 48000}, 1, 2, Form(rate_hz=48000, channels=2)),
        ({44100}, 1, 2, Form(rate_hz=44100, channels=2)),
        ({16000, 48000}, 1, 1, Form(rate_hz=16000, channels=1)),
        ({48000}, 2, 1, Form(rate_hz=48000, channels=2)),
    ],
)
def test_16_khz_where_the_card_can_else_its_own_rate(
    rates_hz: set[int], fewest: int, channels: int, form: Form, portaudio: PortAudio
) -> None:
    portaudio.rates_hz, portaudio.fewest_channels = rates_hz, fewest

    assert tap.form_of(CODEC, channels) == form


def test_the_card_is_opened_in_blocks_of_20_ms_and_closed_at_the_end(portaudio: PortAudio) -> None:
    portaudio.rates_hz = {48000}
    with Tap(CODEC, lambda _block: None) as opened:
        was_active = (portaudio.opened[0].active, opened.is_running)

    (stream,) = portaudio.opened
    del stream.settings["callback"]
    assert stream.settings == {
        "device": 2,
        "samplerate": 48000,
        "channels": 2,
        "dtype": "int16",
        "blocksize": 960,
        "latency": "low",
    }
    assert (was_active, opened.is_running, stream.calls) == ((True, True), False, ["start", "close"])


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
    portaudio.rates_hz = {8000}

    with pytest.raises(HardwareError, match=r"^USB Audio CODEC: cannot record stereo \(Invalid sample rate"):
        Tap(CODEC, lambda _block: None)


def test_a_card_that_does_not_open_is_an_error_that_names_it(portaudio: PortAudio) -> None:
    portaudio.refusal = "Device unavailable"

    with pytest.raises(HardwareError, match=r"^USB Audio CODEC: cannot record 16000 Hz \(Device unavailable\); unplug"):
        Tap(CODEC, lambda _block: None)


# All cards of a desk


def test_a_card_that_was_plugged_in_later_is_seen_when_the_desk_is_opened(portaudio: PortAudio) -> None:
    portaudio.plugged = [("New", 2, 48000.0)]

    opened = tap.open_taps("new", "", lambda _number, _block: None)

    assert (opened.names, opened.is_running, opened.forms) == (("New",), True, (Form(rate_hz=16000, channels=2),))


def test_two_cards_are_opened_with_one_channel_each_and_tell_their_number(portaudio: PortAudio) -> None:
    portaudio.plugged = [("Left", 1, 48000.0), ("Right", 2, 48000.0)]
    came: list[tuple[int, Block]] = []

    opened = tap.open_taps("left", "right", lambda number, block: came.append((number, block)))
    for stream in portaudio.opened:
        stream.settings["callback"](b"\1\0", 1, None, Status(overflow=False))
    was_running = opened.is_running
    opened.close()

    block = Block(pcm=b"\1\0", is_after_loss=False)
    assert (came, [stream.settings["channels"] for stream in portaudio.opened]) == ([(0, block), (1, block)], [1, 1])
    assert (was_running, opened.is_running) == (True, False)


def test_if_the_second_does_not_open_the_first_is_let_go(portaudio: PortAudio) -> None:
    portaudio.plugged = [("Left", 1, 48000.0), ("Right", 1, 11025.0)]
    real = portaudio.check_input_settings

    def check(*, device: int, channels: int, dtype: str, samplerate: int) -> None:
        real(device=device, channels=channels, dtype=dtype, samplerate=samplerate if device == 0 else 1)

    portaudio.check_input_settings = check  # type: ignore[method-assign]  # this card refuses everything

    with pytest.raises(HardwareError, match=r"^Right: cannot record mono"):
        tap.open_taps("left", "right", lambda _number, _block: None)

    assert [stream.calls for stream in portaudio.opened] == [["start", "close"]]


@pytest.mark.usefixtures("portaudio")
def test_one_card_cannot_be_both_sides() -> None:
    with pytest.raises(HardwareError, match="are one card"):
        tap.open_taps("codec", "usb", lambda _number, _block: None)


def test_only_the_agents_side_needs_one_channel(portaudio: PortAudio) -> None:
    opened = tap.open_taps("webcam", "", lambda _number, _block: None, has_customer_side=False)

    assert (opened.names, portaudio.opened[0].settings["channels"]) == (("Webcam mono",), 1)


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
        cards.cards()

    assert str(error.value) == "PortAudio is missing (PortAudio library not found): sudo apt-get install libportaudio2"
