"""How long from exec to the splash, and to listening? Starts the device once more and hears what systemd would hear.

Both times are wall-clock, on a machine as busy as it is; beside each is what the processor did for it, which hardly
depends on that.
"""

import os
import socket
import subprocess
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from pi_companion.errors import HardwareError
from pi_companion.live.startup import SPLASH

LIMIT_S: Final = 90.0
"""As TimeoutStartSec= in systemd/pi-companion.service."""

MOMENTS: Final = (("splash", f"STATUS={SPLASH}", 2000), ("listening", "READY=1", 5000))
"""What is waited for, how its message to systemd begins, and within how many milliseconds it is wanted."""

_STOP_S: Final = 5.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Reached:
    """A moment of a start: milliseconds since exec, what is wanted, and the processor's share of it."""

    what: str
    after_ms: int
    target_ms: int
    cpu_ms: int

    @property
    def is_in_time(self) -> bool:
        """Return whether it was reached within its target."""
        return self.after_ms <= self.target_ms


def measure(command: Sequence[str], *, limit_s: float = LIMIT_S) -> list[Reached]:
    """Start a device by `command`, stop it once it listens, and return when the splash stood and when it listened.

    Raises `HardwareError` with what it said if it ended or did not listen within `limit_s`.
    """
    with tempfile.TemporaryDirectory() as folder, socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as ear:
        ear.bind(f"{folder}/notify")
        ear.settimeout(0.1)
        said, reached = Path(folder) / "said", []
        began = time.monotonic()
        with said.open("wb") as sink:
            device = subprocess.Popen(  # noqa: S603 - this program itself
                command,
                env=os.environ | {"NOTIFY_SOCKET": f"{folder}/notify"},
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=sink,
            )
        try:
            for what, message, target_ms in MOMENTS:
                if not _is_heard(message, ear, device, began + limit_s):
                    told = said.read_text(encoding="utf-8", errors="replace").strip() or "it said nothing"
                    raise HardwareError(f"the start that was measured did not get to {what}: {told}")
                after_ms = round((time.monotonic() - began) * 1000)
                reached.append(Reached(what=what, after_ms=after_ms, target_ms=target_ms, cpu_ms=_cpu_ms(device.pid)))
        finally:
            _stop(device)
        return reached


def _is_heard(message: str, ear: socket.socket, device: subprocess.Popen[bytes], until: float) -> bool:
    """Wait until a message that begins so is heard; return False if the device ends before, or the time does."""
    while device.poll() is None and time.monotonic() < until:
        try:
            heard = ear.recv(4096).decode(errors="replace")
        except TimeoutError:
            continue
        if heard.startswith(message):
            return True
    return False


def _cpu_ms(process: int) -> int:
    """Return what the processor has done for a process so far; 0 where nobody knows."""
    try:
        fields = Path(f"/proc/{process}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()
    except OSError:
        return 0
    return sum(map(int, fields[11:13])) * 1000 // os.sysconf("SC_CLK_TCK")


def _stop(device: subprocess.Popen[bytes]) -> None:
    device.terminate()
    try:
        device.wait(_STOP_S)
    except subprocess.TimeoutExpired:
        device.kill()
        device.wait()
