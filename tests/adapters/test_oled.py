"""The panel gets a picture when it changed, and a panel that fails says so."""

import atexit
import errno
from collections.abc import Callable, Sequence
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
    """The receiving end of luma's serial interface: keeps the data bytes and the commands."""

    def __init__(self) -> None:
        self.received = b""
        self.commands: list[tuple[int, ...]] = []

    def command(self, *command: int) -> None:
        """Take a command."""
        self.commands.append(command)

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
        self.levels: list[int] = []

    def display(self, _image: Image.Image) -> None:
        """Take a picture, if alive."""
        if self.is_dead:
            raise OSError(errno.EREMOTEIO, "Remote I/O error")
        self.shown += 1

    def contrast(self, level: int) -> None:
        """Take a brightness, if alive."""
        if self.is_dead:
            raise OSError(errno.EREMOTEIO, "Remote I/O error")
        self.levels.append(level)

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


@pytest.mark.filterwarnings("ignore:Image.Image.getdata:DeprecationWarning")
def test_the_picture_of_an_sh1106_is_written_to_the_128_of_its_132_columns_that_are_behind_glass() -> None:
    wire = Wire()

    Oled(sh1106(wire)).show(SAMPLES["call-live"])

    # Page 0 to 7, from column 2 on: 0x02 is the low half of its number, 0x10 the high one (SH1106, commands 1, 2, 10).
    assert wire.commands[-8:] == [(0xB0 + page, 0x02, 0x10) for page in range(8)]


@pytest.mark.filterwarnings("ignore:Image.Image.getdata:DeprecationWarning")
def test_a_panel_leaves_nothing_behind_to_be_done_when_the_program_ends() -> None:
    count: Callable[[], int] = getattr(atexit, "_ncallbacks")  # noqa: B009 - CPython's own; it publishes none
    before = count()

    sh1106(Wire())
    dummy(mode="1")

    assert count() == before


def test_a_probe_sends_no_picture_and_finds_out_that_a_panel_is_gone() -> None:
    panel = DeadPanel()
    panel.is_dead = False
    oled = Oled(panel)
    oled.set_panel(40, (0, 0))
    oled.show(SAMPLES["idle"])

    oled.probe()
    seen = (panel.shown, panel.levels)
    panel.is_dead = True

    with pytest.raises(HardwareError, match="stopped answering"):
        oled.probe()
    assert (seen, oled.picture) == ((1, [102, 102]), None)


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


# Brightness, and a picture that moves so that nothing burns in.


def lit(picture: Image.Image | None) -> set[tuple[int, int]]:
    """The lit pixels."""
    assert picture is not None
    return {(x, y) for x, y in product(range(128), range(64)) if picture.getpixel((x, y))}


@pytest.mark.parametrize("shift", [(0, 0), (1, 0), (1, 1), (-1, 1), (0, -1)])
@pytest.mark.parametrize("name", ["idle", "nudge-call-time"])  # a picture within the panel, and one lit to its edges
def test_what_is_shown_moves_by_a_pixel_and_nothing_comes_in_from_the_other_edge(
    name: str, shift: tuple[int, int]
) -> None:
    capture = dummy(mode="1")
    oled = Oled(capture)
    oled.show(SAMPLES[name])

    oled.set_panel(100, shift)

    moved = {(x + shift[0], y + shift[1]) for x, y in lit(draw(SAMPLES[name]))}
    assert lit(capture.image) == {(x, y) for x, y in moved if 0 <= x < 128 and 0 <= y < 64}


def test_the_next_picture_stands_where_the_last_one_was_moved_to() -> None:
    capture = dummy(mode="1")
    oled = Oled(capture)
    oled.set_panel(100, (1, 1))

    oled.show(SAMPLES["idle"])

    assert lit(capture.image) == {(x + 1, y + 1) for x, y in lit(draw(SAMPLES["idle"])) if x < 127}
    assert oled.picture == draw(SAMPLES["idle"])


def test_a_picture_that_was_moved_is_not_sent_again_until_it_changes() -> None:
    oled = open_oled("capture")
    oled.show(SAMPLES["idle"])
    oled.set_panel(100, (1, 0))

    assert [oled.show(SAMPLES[name]) for name in ("idle", "muted")] == [False, True]


def test_brightness_is_a_part_of_the_full_contrast_and_is_sent_once() -> None:
    panel = DeadPanel()
    panel.is_dead = False
    oled = Oled(panel)

    for brightness_pct in (100, 100, 40, 15, 0):
        oled.set_panel(brightness_pct, (0, 0))
        oled.show(SAMPLES["idle"])

    assert panel.levels == [255, 102, 38, 0]


def test_a_panel_that_answers_again_is_told_its_brightness_again() -> None:
    panel = DeadPanel()
    panel.is_dead = False
    oled = Oled(panel)
    oled.set_panel(40, (0, 0))
    oled.show(SAMPLES["idle"])
    panel.is_dead = True
    oled.set_panel(15, (0, 0))
    panel.is_dead = False

    assert (oled.picture, oled.show(SAMPLES["idle"]), panel.levels) == (None, True, [102, 38])


@pytest.mark.filterwarnings("ignore:Image.Image.getdata:DeprecationWarning")
@pytest.mark.parametrize("chip", [ssd1306, sh1106])
def test_the_real_drivers_take_brightness_and_a_moved_picture(chip: type) -> None:
    wire = Wire()
    oled = Oled(chip(wire))
    oled.show(SAMPLES["call-live"])

    oled.set_panel(40, (1, 0))

    assert lit(wire.picture()) == {(x + 1, y) for x, y in lit(draw(SAMPLES["call-live"])) if x < 127}
    assert wire.commands[-20:].count((0x81, 102)) == 1


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
