"""How is a bundle installed, and did it prove itself? RAUC does it; here is only what it says, and what was meant.

RAUC checks signature and compatibility, writes the slot that is not in use and makes it the next to start; the boot
loader counts its tries (`firmware/README.md`). What was meant is kept over the restart, so that the OLED can say ✓ or
that the old version is back.
"""

import json
import re
import subprocess
from collections.abc import Iterator
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any, Final

from pi_companion import reading
from pi_companion.core import notices
from pi_companion.core.states import Screen
from pi_companion.errors import HardwareError
from pi_companion.writing import replace_file

MEANT: Final = "update.json"
RESULT: Final = "update-result.json"
GIVEN_BACK: Final = "update-given-back.json"
"""Which version did not prove itself here: the network's updates do not bring it again."""

RUN: Final = Path("/run/pi-companion-update")
"""Where the network's updates say what they have."""

ANSWER: Final = "update-answer.json"
RELEASE: Final = Path("/etc/os-release")

_PROGRESS: Final = re.compile(r"\s*(\d{1,3})%")
_INFO_S: Final = 120
_MOST_BYTES: Final = 4096


@dataclass(frozen=True, slots=True, kw_only=True)
class Meant:
    """An update on its way. `before`: the version that was running. `is_started`: the new one has been started."""

    before: str
    after: str
    is_started: bool = False


class Rauc:
    """RAUC by its command, `program`: the real one asks its service by D-Bus; a test names one of its own."""

    def __init__(self, program: str = "rauc") -> None:
        self._program = program

    def version_of(self, bundle: Path) -> str:
        """Return a bundle's version. Raises `HardwareError` if it is not whole or not signed for here."""
        try:
            said = subprocess.run(  # noqa: S603 - RAUC, and a path as one argument
                [self._program, "info", "--output-format=json", str(bundle)],
                capture_output=True,
                text=True,
                timeout=_INFO_S,
                check=False,
            )
            found: Any = json.loads(said.stdout) if said.returncode == 0 else {}
            version = found.get("version")
        except (OSError, subprocess.TimeoutExpired, ValueError, AttributeError) as error:
            raise HardwareError(f"rauc info: {error}") from error
        if not isinstance(version, str) or not re.fullmatch(r"[\w.+~-]{1,64}", version, re.ASCII):
            raise HardwareError(f"{bundle.name}: not a bundle for this device: {said.stderr.strip()[-200:]}")
        return version

    def install(self, bundle: Path | str, tls_ca: Path | None = None) -> Iterator[int]:
        """Install a bundle; yield how far it is, in per cent. Raises `HardwareError` if it fails: nothing changed.

        `bundle`: a file, or an address that RAUC reads bit by bit while it writes; `tls_ca`: by which the address
        proves who it is, None: by the system's.
        """
        trust = [f"--tls-ca={tls_ca}"] if tls_ca else []
        try:
            with subprocess.Popen(  # noqa: S603 - see above
                [self._program, "install", *trust, str(bundle)],
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                text=True,
            ) as running:
                last = ""
                for line in running.stdout or ():
                    last = line.strip() or last
                    if progress := _PROGRESS.match(line):
                        yield min(int(progress[1]), 100)
        except OSError as error:
            raise HardwareError(f"rauc: {error}") from error
        if running.returncode != 0:
            raise HardwareError(f"rauc install: {last[-200:]}")


def mean(data: Path, meant: Meant) -> None:
    """Keep what an update is to bring, for the start after it. Raises OSError."""
    replace_file(data / MEANT, json.dumps(asdict(meant)).encode(), 0o644)


def meant(data: Path) -> Meant | None:
    """Return what the last update was to bring; None: there was none."""
    try:
        said: Any = json.loads(reading.text(data / MEANT, _MOST_BYTES))
        return Meant(before=str(said["before"]), after=str(said["after"]), is_started=said.get("is_started") is True)
    except (reading.Unreadable, ValueError, TypeError, KeyError, AttributeError):
        return None


def judge(data: Path, run: Path, running: str) -> None:
    """At the first start after an update, and after it was given back, say so in `run`; `running`: what runs now.

    The new version has proved nothing by its first start: if it does not, the boot loader goes back later.
    """
    last = meant(data)
    if last is None or (last.is_started and running == last.after):
        return
    is_back = running != last.after
    if is_back and running != last.before:  # another image altogether: this card was flashed anew
        (data / MEANT).unlink()
        return
    if is_back:
        replace_file(data / GIVEN_BACK, json.dumps({"version": last.after}).encode(), 0o644)
        (data / MEANT).unlink()
    else:
        mean(data, replace(last, is_started=True))
    replace_file(run / RESULT, json.dumps({"version": running, "is_back": is_back}).encode(), 0o644)


def given_back(data: Path) -> str:
    """Return the version that did not prove itself here last; empty: none."""
    try:
        said: Any = json.loads(reading.text(data / GIVEN_BACK, _MOST_BYTES))
        return str(said["version"])
    except (reading.Unreadable, ValueError, TypeError, KeyError):
        return ""


def result(run: Path) -> Screen | None:
    """Return how the update before this start has ended; None if there was none."""
    try:
        said: Any = json.loads(reading.text(run / RESULT, _MOST_BYTES))
        return notices.updated(str(said["version"])[:12], is_back=bool(said["is_back"]))
    except (reading.Unreadable, ValueError, TypeError, KeyError):
        return None


def version(release: Path = RELEASE, program: str = "") -> str:
    """Return the version that runs: the image's, or where there is none the program's."""
    return _said(release, "IMAGE_VERSION") or program


def built(release: Path = RELEASE) -> str:
    """Return when the image that runs was built, as its papers write it; empty: it is none."""
    return _said(release, "BUILD_ID")


def _said(release: Path, key: str) -> str:
    try:
        found = re.search(rf'^{key}="?([^"\n]+)"?$', release.read_text(encoding="utf-8"), re.MULTILINE)
    except (OSError, UnicodeDecodeError):
        found = None
    return found[1] if found else ""
