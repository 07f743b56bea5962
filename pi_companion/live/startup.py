"""What does the desk see between power-on and the first fact? 正在启动 on the OLED and three LEDs, within two seconds.

Nothing heavy is imported here, the settings' checks included: they come while the splash stands. Keeps law 6: the MUTE
contact is driven open before anything else. Keeps law 7: the LEDs' lease ends by itself. Keeps law 10: a part that
cannot be had now is left to the service, which says so; a splash never keeps it from starting.
"""

import logging
import os
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path
from threading import Thread
from typing import Final, Self

from gpiozero import Factory

from pi_companion.adapters.oled import Oled, open_oled
from pi_companion.adapters.panel import Panel, wall_clock_guard
from pi_companion.adapters.pins import open_chip
from pi_companion.core import out_of_service
from pi_companion.core.effects import SetLeds
from pi_companion.core.states import Light, Screen
from pi_companion.live import starts
from pi_companion.pinout import Pinout
from pi_companion.site_file import glance_at_display, place

LEASE_MS: Final = 30_000
"""A program that hangs while it starts does not light a desk for longer."""

OLED_S: Final = 1.0
"""A bus that hangs keeps nothing from starting for longer."""

SPLASH: Final = "starting"
"""How the status begins that is told once the splash stands."""

_LOG: Final = logging.getLogger("pi_companion")


def splash_panel(site_file: Path | None) -> Oled:
    """Open the panel that a site file names; raises `HardwareError` as `open_oled` does."""
    display = glance_at_display(place(site_file))
    return open_oled(display.kind, port=display.i2c_port, address=display.i2c_address)


@contextmanager
def starting(
    site_file: Path | None,
    *,
    environ: Mapping[str, str] = os.environ,
    open_chip: Callable[[], Factory] = open_chip,
    open_panel: Callable[[], Oled] | None = None,
    tell: Callable[[str], None] = lambda _status: None,
    wait: Callable[[float], None] = time.sleep,
) -> Iterator["Splash"]:
    """Count this start, show the splash, wait as the ladder has it; then do what is heavy inside, and tell the splash.

    `tell` gets what systemd may show as the unit's status. An error that comes before `Splash.ready` is kept as the
    reason of a failed start. Raises `GivenUp` at once after three of those.
    """
    attempt = starts.begin(environ)
    with Splash(
        out_of_service.starting(attempt), open_panel or (lambda: splash_panel(site_file)), environ, open_chip
    ) as splash:
        tell(f"{SPLASH}, try {attempt} of {starts.MOST}")
        wait(starts.WAIT_S[attempt - 1])
        try:
            yield splash
        except BaseException as error:
            starts.record_failure(error, environ)
            raise


class Splash:
    """The desk while the device starts: `screen` on the OLED, and green, amber and red lit, as in no call.

    Give both back with `close` before the service opens them. The OLED keeps its picture until it has another.
    """

    def __init__(
        self,
        screen: Screen,
        open_panel: Callable[[], Oled],
        environ: Mapping[str, str] = os.environ,
        open_chip: Callable[[], Factory] = open_chip,
    ) -> None:
        self._environ = environ
        self._held = ExitStack()
        with self._left_to_the_service("pins"):
            factory = open_chip()
            self._held.callback(factory.close)
            panel = self._held.enter_context(Panel(Pinout(), factory, after=wall_clock_guard))
            on, off = Light.ON, Light.OFF
            panel.perform(SetLeds(at=0, green=on, amber=on, red=on, mute=off, lease_until=LEASE_MS))
        self._thread = Thread(target=self._show, args=(screen, open_panel), name="splash", daemon=True)
        self._thread.start()
        self._thread.join(OLED_S)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Open the contact, darken the LEDs, give pins and bus back. Closing twice is fine."""
        with self._left_to_the_service("pins"):
            self._held.close()
        self._thread.join(OLED_S)

    def ready(self) -> None:
        """Say that the device listens: this start has succeeded."""
        starts.ready(self._environ)

    def _show(self, screen: Screen, open_panel: Callable[[], Oled]) -> None:
        with self._left_to_the_service("OLED"):
            oled = open_panel()
            oled.show(screen)
            oled.close(keep_picture=True)

    @staticmethod
    @contextmanager
    def _left_to_the_service(part: str) -> Iterator[None]:
        try:
            yield
        except Exception as error:  # noqa: BLE001 - whatever it is, the service meets it again and says so
            _LOG.info("splash without %s: %s", part, error)
