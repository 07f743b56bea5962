"""How does a `Screen` get onto the panel? A luma device in, one picture at a time, sent only when it changed.

Keeps law 10: a bus or chip that is missing is a `HardwareError` that says what to do; the simulated panel is used
only under its name, "capture".
"""

from contextlib import suppress
from typing import Final, Protocol

import luma.core.device
import luma.core.error
from luma.core.device import dummy
from luma.core.interface.serial import i2c
from luma.oled.device import sh1106, ssd1306
from PIL import Image

from pi_companion.adapters.draw import HEIGHT, WIDTH, draw
from pi_companion.core.states import Screen
from pi_companion.errors import HardwareError, UsageError

_CHIPS = {"ssd1306": ssd1306, "sh1106": sh1106}
KINDS = (*_CHIPS, "capture")
"""Names `open_oled` knows: two chips on I2C and the simulated panel, which keeps its picture in `.image`."""


class _NoHook:
    """Stands in for `atexit` where luma's devices look for it.

    Each of them would be kept for ever, to be cleared when the program ends: one more for every time a panel is looked
    for, the halt screen wiped, and a bus that hangs waited for. `Oled.close` decides what happens instead.
    """

    @staticmethod
    def register(hook: object) -> None:
        """Forget it."""


luma.core.device.atexit = _NoHook

FULL: Final = 255
"""The contrast of a panel at full brightness."""


class Panel(Protocol):
    """What is used of a luma device. `persist`: whether the picture stays when the program ends."""

    persist: bool

    def display(self, image: Image.Image) -> None:
        """Send a whole picture, mode "1", 128 x 64."""

    def contrast(self, level: int) -> None:
        """Set the brightness of what is lit, 0 to 255."""

    def cleanup(self) -> None:
        """Let go of the bus, dark unless `persist`."""


class Oled:
    """A 128 x 64 panel that shows screens; `device` is a luma device or behaves like one.

    `picture`: what was last sent, upright, before it was moved aside by `set_panel`; None while nothing is known to be
    shown.
    """

    def __init__(self, device: Panel) -> None:
        self.device = device
        self.picture: Image.Image | None = None
        self._shift = (0, 0)
        self._level: int | None = None  # as luma opens it, until something else is asked for
        self._level_sent: int | None = None

    def show(self, screen: Screen) -> bool:
        """Draw a screen and send it if the picture changed; return whether it was sent.

        Raises:
            HardwareError: the panel does not answer. The next call sends again, whatever was shown before.
            TextDoesNotFit: see `draw`; the panel keeps its picture.

        """
        return self.show_picture(draw(screen))

    def show_picture(self, picture: Image.Image) -> bool:
        """Send a picture, mode "1", 128 x 64, if it changed; return whether it was sent. Raises `HardwareError`."""
        if self.picture is not None and picture.tobytes() == self.picture.tobytes():
            return False
        self._send(picture)
        return True

    def set_panel(self, brightness_pct: int, shift: tuple[int, int]) -> None:
        """Show what is shown, and all that comes, so bright and so many pixels right and down.

        What is moved over the edge is lost; the rows and columns left free are dark. A panel that does not answer is no
        error here: the next `show` finds out, sends all of it again and says so if it fails.
        """
        level = FULL * min(max(brightness_pct, 0), 100) // 100
        if (level, shift) == (self._level, self._shift):
            return
        self._level, self._shift = level, shift
        if self.picture is not None:
            with suppress(HardwareError):
                self._send(self.picture)

    def probe(self) -> None:
        """Ask the panel whether it is there, by telling it its brightness again; its picture stays.

        Raises `HardwareError` if it does not answer.
        """
        self._level_sent = None
        if self._level is not None:
            self._talk(None)

    def _send(self, picture: Image.Image) -> None:
        # Half a picture may have arrived when sending fails: nothing is known to be shown until it has succeeded.
        self.picture = None
        moved = Image.new("1", picture.size)
        moved.paste(picture, self._shift)
        self._talk(moved)
        self.picture = picture

    def _talk(self, picture: Image.Image | None) -> None:
        try:
            if self._level is not None and self._level != self._level_sent:
                self.device.contrast(self._level)
                self._level_sent = self._level
            if picture is not None:
                self.device.display(picture)
        except (OSError, luma.core.error.Error) as error:
            # Its chip may have been without power: whatever it was told or shown before is gone.
            self._level_sent = self.picture = None
            raise HardwareError(f"OLED: stopped answering ({error}): check its four wires") from error

    def close(self, *, keep_picture: bool = False) -> None:
        """Let go of the panel. It goes dark, or keeps its last picture (the halt screen) if asked to.

        A panel that no longer answers is let go silently: there is nothing left to turn off.
        """
        self.device.persist = keep_picture
        self.picture = None
        try:
            self.device.cleanup()
        except (OSError, luma.core.error.Error):
            return


def open_oled(kind: str, *, port: int = 1, address: int = 0x3C) -> Oled:
    """Open the panel of a kind in `KINDS`. `port`: number of the I2C bus; `address`: the panel's, usually 0x3C or 0x3D.

    Raises:
        UsageError: there is no such kind.
        HardwareError: the bus is missing or closed to us, or nothing answers at the address.

    """
    if kind == "capture":
        return Oled(dummy(width=WIDTH, height=HEIGHT, mode="1"))
    if kind not in _CHIPS:
        raise UsageError(f"OLED: no kind {kind!r}; known: {', '.join(KINDS)}")
    bus = f"/dev/i2c-{port}"
    try:
        wire = i2c(port=port, address=address)
    except luma.core.error.DevicePermissionError as error:
        raise HardwareError(f"OLED: may not open {bus}: add this user to the group i2c and log in again") from error
    except (luma.core.error.DeviceNotFoundError, OSError) as error:
        raise HardwareError(
            f"OLED: cannot open {bus} ({error}): turn I2C on (raspi-config, Interface Options, I2C) and start again",
        ) from error
    try:
        return Oled(_CHIPS[kind](wire))
    except (luma.core.error.Error, OSError) as error:
        # Someone may try again every few seconds: a bus left open each time would run out of files.
        wire.cleanup()
        raise HardwareError(
            f"OLED: nothing answers at 0x{address:02X} on {bus}: check its four wires, try address 0x3D",
        ) from error
