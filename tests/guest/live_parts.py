"""Do the guest's own parts do what a test asks of them? Before anything is concluded from them."""

import time
from collections.abc import Callable

import pytest
import sounddevice
from luma.core.error import DeviceNotFoundError
from luma.core.interface.serial import i2c
from luma.oled.device import ssd1306
from PIL import Image, ImageChops

from tests.guest.parts import Board, Card, Oled, wait_until

# luma asks Pillow for what Pillow 14 will not have; pyproject.toml keeps to an older one.
pytestmark = pytest.mark.filterwarnings("ignore:Image.Image.getdata:DeprecationWarning")


def test_a_picture_arrives_in_the_panels_memory_and_an_unplugged_panel_forgets_it(oled: Oled) -> None:
    device = ssd1306(i2c(port=1, address=0x3C))
    picture = Image.effect_noise((128, 64), 90).convert("1")

    device.display(picture)

    assert ImageChops.logical_xor(picture, oled.picture()).getbbox() is None
    assert oled.is_on()
    oled.power(False)
    oled.power(True)
    assert not oled.is_on()
    assert ImageChops.logical_xor(picture, oled.picture()).getbbox() is not None


def test_what_is_pulled_stays_pulled_and_the_kernel_says_so(board: Board) -> None:
    board.drive("ring", is_active=True)
    low = board.value("ring")
    board.drive("ring", is_active=False)

    assert (low, board.value("ring")) == (0, 1)


def test_the_card_can_be_pulled_out_and_put_back(card: Card) -> None:
    card.unplug()
    was_there = card.is_there()
    card.replug()

    wait_until(card.is_there, "the card is back")
    assert not was_there
    assert any(Card.TAP in device["name"] for device in sounddevice.query_devices())


def test_a_loose_wire_is_not_answered_and_the_panel_keeps_its_picture(oled: Oled) -> None:
    device = ssd1306(i2c(port=1, address=0x3C))
    device.display(Image.new("1", (128, 64), 1))
    before = oled.picture()

    oled.nack(True)

    with pytest.raises(DeviceNotFoundError):
        device.display(Image.new("1", (128, 64), 0))
    assert oled.picture().tobytes() == before.tobytes()


def test_a_stuck_bus_hangs_so_long_and_fails(oled: Oled, record_property: Callable[[str, object], None]) -> None:
    device = ssd1306(i2c(port=1, address=0x3C))
    oled.stuck(True, for_s=2)
    began = time.monotonic()

    with pytest.raises(OSError, match="timed out"):
        device.command(0xAF)

    hung_s = time.monotonic() - began
    record_property("one transfer hung", f"{hung_s:.1f} s")
    assert 2 <= hung_s < 4
    oled.stuck(False)
    device.command(0xAF)
