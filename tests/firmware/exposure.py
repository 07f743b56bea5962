"""How exposed may each service of ours be? In tenths, on the scale of `systemd-analyze security` from 0 to 10."""

from pathlib import Path
from typing import Final

from firmware.root import OVERLAY
from firmware.tools import REPOSITORY

USUAL: Final = 15
MORE: Final = {
    "pi-companion-wifi.service": 25,  # it is what makes the network
    "companion-data.service": 40,  # it mounts for the whole system, so it has no name space of its own
}
# Not asked at all: what restarts the machine in place of a prompt, and ends with it.
RESTARTING: Final = frozenset({"emergency.service", "rescue.service"})


def services() -> list[Path]:
    """Return the units of everything of ours that runs in the image, once or for ever."""
    places = (REPOSITORY / "systemd", OVERLAY / "etc/systemd/system")
    return sorted(path for place in places for path in place.glob("*.service") if path.name not in RESTARTING)


def most(unit: str) -> int:
    """Return the most that a service, by its file's name, may be exposed."""
    return MORE.get(unit, USUAL)


def started(unit: str) -> str:
    """Return a name by which systemd knows a service; one that is for any stick, as for the first."""
    return unit.replace("@.", "@sda1.")
