"""The panel gets a picture when it changed, and a panel that fails says so."""

import errno
from collections.abc import Sequence
from itertools import product

import pytest
from luma.core.device import dummy
from luma.oled.device import sh1106, ssd1306
from PIL import Image

from pi_companion.adapters.draw import draw
from pi_companion.adapters.gallery import SAMPLES
from pi_companion.adapters.oled import Oled, open_oled
from pi_companion.errors import HardwareError, UsageError


class Wire:
    """The receiving end of luma's serial interface: keeps the data bytes, drops the commands."""

    def __init__(self) -> None:
        self.received = b""

    def command(self, *_command: int) -> None:
        """Take a command."""

    def data(self, data: Sequence[int]) -> None:
        """Take picture data."""
        self.received += bytes(data)

    def cleanup(self) -> None:
        """Nothing is held."""

    def picture(self) -> Image.Image:
        """Return the last 1024 bytes as the chip shows them: 8 pages of 128 columns of 8 pixels, lowest bit on top."""
        sent = self.received[-1024:]
        image = Image.new("1", (128, 64))
        for x, y in product(range(128), range(64)):
            image.putpixel((x, y), sent[y // 8 * 128 + x] >> y % 8 & 1)
        return image


class DeadPanel:
    """A panel whose wire came off; it works again once `is_dead` is False."""

    def __init__(self) -> None:
        self.persist = False
        self.is_dead = True
        self.shown = 0

    def display(self, _image: Image.Image) -> None:
        """Take a picture, if alive."""
        if self.is_dead:
            raise OSError(errno.EREMOTEIO, "Remote I/O error")
        self.shown += 1

    def cleanup(self) -> None:
        """Fail as luma does when it turns the panel off."""
        raise OSError(errno.EREMOTEIO, "Remote I/O error")


class SilentBus:
    """An I2C bus that opens, with nothing on it."""

    opened = 0

    def __init__(self, _port: int) -> None:
        type(self).opened += 1

    def write_i2c_block_data(self, *_arguments: object) -> None:
        """Get no acknowledgement."""
        raise OSError(errno.EREMOTEIO, "Remote I/O error")

    def close(self) -> None:
        """Close the bus."""
        type(self).opened -= 1


def test_a_picture_is_sent_only_when_it_changed() -> None:
    oled = open_oled("capture")

    sent = [oled.show(SAMPLES[name]) for name in ("idle", "idle", "muted", "idle")]

    assert sent == [True, False, True, True]


def test_the_simulated_panel_keeps_its_picture() -> None:
    capture = dummy(mode="1")

    Oled(capture).show(SAMPLES["muted"])

    assert capture.image.tobytes() == draw(SAMPLES["muted"]).tobytes()


# luma.oled 3.16 reads pixels by a call that Pillow 14 will drop; pyproject.toml keeps Pillow below 14.
@pytest.mark.filterwarnings("ignore:Image.Image.getdata:DeprecationWarning")
@pytest.mark.parametrize("chip", [ssd1306, sh1106])
def test_the_real_drivers_send_the_picture_as_drawn(chip: type) -> None:
    wire = Wire()

    Oled(chip(wire)).show(SAMPLES["call-live"])

    assert wire.picture().tobytes() == draw(SAMPLES["call-live"]).tobytes()


@pytest.mark.parametrize(("keep_picture", "is_dark"), [(False, True), (True, False)])
def test_closing_turns_the_panel_dark_unless_asked_to_keep_the_picture(keep_picture: bool, is_dark: bool) -> None:
    capture = dummy(mode="1")
    oled = Oled(capture)
    oled.show(SAMPLES["muted"])

    oled.close(keep_picture=keep_picture)

    assert (capture.image.getbbox() is None) == is_dark


def test_a_panel_that_stops_answering_is_an_error_that_names_the_wires() -> None:
    with pytest.raises(HardwareError, match=r"OLED: stopped answering .*wires"):
        Oled(DeadPanel()).show(SAMPLES["idle"])


def test_a_panel_that_answers_again_gets_the_same_picture_again() -> None:
    panel = DeadPanel()
    oled = Oled(panel)
    with pytest.raises(HardwareError):
        oled.show(SAMPLES["idle"])
    panel.is_dead = False

    assert (oled.picture, oled.show(SAMPLES["idle"]), panel.shown) == (None, True, 1)


def test_closing_a_dead_panel_is_no_error() -> None:
    panel = DeadPanel()

    Oled(panel).close(keep_picture=True)

    assert panel.persist


def test_a_missing_bus_is_an_error_that_says_how_to_turn_it_on() -> None:
    with pytest.raises(HardwareError, match=r"OLED: cannot open /dev/i2c-97 .*turn I2C on"):
        open_oled("ssd1306", port=97)


def test_a_missing_chip_is_an_error_that_names_the_address_and_closes_the_bus(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("smbus2.SMBus", SilentBus)

    with pytest.raises(HardwareError, match=r"nothing answers at 0x3C on /dev/i2c-1"):
        open_oled("sh1106")

    assert SilentBus.opened == 0


def test_an_unknown_kind_is_refused_with_the_known_ones() -> None:
    with pytest.raises(UsageError, match="'lcd'; known: ssd1306, sh1106, capture"):
        open_oled("lcd")
