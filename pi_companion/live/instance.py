"""Does the device run here already, and where does it keep what only a running one has? A folder and a lock in it.

Two devices at one phone would press its MUTE key against each other: the second one ends before it touches a line.
"""

import fcntl
import os
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from pi_companion.errors import HardwareError

SYSTEM: Final = Path("/run/pi-companion")
"""Where systemd makes the service's folder."""

TRIAL: Final = "trial"
"""A desk trial's folder, in the user's."""

_NAME: Final = "pi-companion"
_LOCK: Final = "lock"


def folders(environ: Mapping[str, str] = os.environ, system: Path = SYSTEM) -> list[Path]:
    """Return where a running device may be, the likeliest first: as systemd says, the service's, this user's."""
    given = environ.get("RUNTIME_DIRECTORY", "").partition(":")[0]  # systemd gives several, colons between them
    return [*([Path(given)] if given else []), system, _own(environ)]


def _own(environ: Mapping[str, str]) -> Path:
    if given := environ.get("XDG_RUNTIME_DIR"):
        return Path(given) / _NAME
    return Path(tempfile.gettempdir()) / f"{_NAME}-{os.getuid()}"  # no session: root, or a machine without logind


def folder(environ: Mapping[str, str] = os.environ, system: Path = SYSTEM, *, is_trial: bool = False) -> Path:
    """Return the folder to run in: the first that may be written; a desk trial has one of its own, made if missing.

    Raises `HardwareError` if there is none.
    """
    *ready, own = folders(environ, system)
    if not is_trial and (found := next((each for each in ready if os.access(each, os.W_OK)), None)):
        return found
    place = own / TRIAL if is_trial else own
    try:
        for each in (own, place):
            each.mkdir(parents=True, exist_ok=True, mode=0o700)
            if each.is_symlink() or each.stat().st_uid != os.getuid():
                raise HardwareError(f"{each}: is not this user's: remove it, or set RUNTIME_DIRECTORY")
    except OSError as error:
        raise HardwareError(f"{place}: cannot be made: {error.strerror}; set RUNTIME_DIRECTORY") from error
    return place


@contextmanager
def alone(place: Path) -> Iterator[None]:
    """Be the only one that runs in a folder, until the block ends or the process does, however it does.

    Raises `HardwareError` if another one is there.
    """
    path = place / _LOCK
    try:
        handle = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, 0o640)
    except OSError as error:
        raise HardwareError(f"{path}: cannot be opened: {error.strerror}") from error
    with os.fdopen(handle, "r+") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            owner = file.read(20).strip() or "unknown"
            raise HardwareError(
                f"pi-companion runs here already (process {owner}); see it with: pi-companion status; "
                "stop it first: sudo systemctl stop pi-companion"
            ) from error
        file.truncate(0)
        file.write(f"{os.getpid()}\n")
        file.flush()
        yield
