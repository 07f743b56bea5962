"""Does systemd know how we are? READY once it listens, WATCHDOG after whole turns only, STOPPING at the end.

Twelve lines of the sd_notify protocol are here because the libraries for it wait when systemd does not read, come as
source only, or have not been touched for years. Without systemd (no `$NOTIFY_SOCKET`) nothing is said.
"""

import os
import socket
from collections.abc import Mapping
from contextlib import suppress
from typing import Final

_FEEDS: Final = 3
"""The watchdog is fed so often in its time: one lost datagram kills nothing."""


class Notify:
    """Tells systemd, without ever waiting for it. `environ`: where the socket and the watchdog's time are named."""

    def __init__(self, environ: Mapping[str, str] = os.environ) -> None:
        name = environ.get("NOTIFY_SOCKET", "")
        self._address = f"\0{name[1:]}" if name.startswith("@") else name
        is_ours = environ.get("WATCHDOG_PID", str(os.getpid())) == str(os.getpid())
        watchdog_us = environ.get("WATCHDOG_USEC", "") if is_ours else ""
        self._every_ms = int(watchdog_us) // 1000 // _FEEDS if watchdog_us.isdecimal() else None
        self._feed_at = 0
        self._status = ""

    def ready(self) -> None:
        """It listens: to be said once, when lines and guards are open."""
        self._send("READY=1")

    def turned(self, now: int) -> None:
        """A whole turn is done and every thread is well: feed the watchdog, if it is time to."""
        if self._every_ms is not None and now >= self._feed_at:
            self._feed_at = now + self._every_ms
            self._send("WATCHDOG=1")

    def status(self, text: str) -> None:
        """Say in one line what goes on, if that is new; it is seen in `systemctl status`."""
        if text != self._status:
            self._status = text
            self._send(f"STATUS={text}")

    def stopping(self) -> None:
        """It ends because it was asked to, or will be started again."""
        self._send("STOPPING=1")

    def _send(self, message: str) -> None:
        if not self._address:
            return
        # A systemd that does not read must not hold up a call: what it does not take at once is not said.
        with suppress(OSError), socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_NONBLOCK) as out:
            out.sendto(message.encode(), self._address)
