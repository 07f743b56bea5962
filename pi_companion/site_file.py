"""Where is the site file, and which OLED does it name? What must be known before there is time to check settings.

`config` checks every word of the file; here nothing is, and a mistake means the default. Standard library only, so that
the splash is not kept waiting (see `live/startup.py`).
"""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any, Final

from pi_companion import reading
from pi_companion.core.declared import Field
from pi_companion.reading import is_there

SITE_VARIABLE: Final = "PI_COMPANION_SITE"
KEPT: Final = Path("/var/lib/pi-companion-site")
"""Where a unit keeps what it took from its boot partition (`site/taking.py`)."""

RUN: Final = Path("/run/pi-companion-site")
"""Where a unit leaves what is wrong with its boot partition's."""

COMPLAINTS: Final = "complaints.json"
CURRENT: Final = "current"
KEY: Final = "key"
SYSTEM_SITE: Final = Path("/etc/pi-companion/site.toml")


class DisplayKind(StrEnum):
    """Controllers of 128x64 OLED panels."""

    SSD1306 = "ssd1306"
    SH1106 = "sh1106"


@dataclass(frozen=True, slots=True, kw_only=True)
class Display:
    """The OLED panel."""

    kind: Annotated[DisplayKind, Field("the panel's controller")] = DisplayKind.SSD1306
    i2c_address: Annotated[int, Field("most panels answer at 0x3C, some at 0x3D", 0x08, 0x77)] = 0x3C
    i2c_port: Annotated[int, Field("number of the I2C bus; on the pin header it is 1", 0, 20)] = 1


def place(
    path: Path | None = None,
    *,
    environ: Mapping[str, str] = os.environ,
    system: Path = SYSTEM_SITE,
    kept: Path = KEPT / CURRENT / "site.toml",
    run: Path = RUN,
) -> Path | None:
    """Return the site file: the one given, else $PI_COMPANION_SITE, else the one `kept`, else the system's, or None.

    `kept`: what was taken from the boot partition; `run`: where it is said what was wrong with that.
    """
    named = path or (Path(environ[SITE_VARIABLE]) if environ.get(SITE_VARIABLE) else None)
    # With a mistake in it, what is on the boot partition is not in effect by another way.
    others = (kept,) if _has_mistakes(run) else (kept, system)
    return named or next((each for each in others if is_there(each)), None)


def _has_mistakes(run: Path) -> bool:
    try:
        return (run / COMPLAINTS).stat().st_size > len("[]")
    except OSError:
        return False


def glance_at_display(file: Path | None) -> Display:
    """Return the panel that a site file names; the usual one if the file cannot be read or names none that is known."""
    usual = Display()
    try:
        said = reading.toml(reading.text(file, reading.MOST_SETTINGS_BYTES)) if file else {}
        found: Any = said.get("display", {})
        return Display(
            kind=DisplayKind(found.get("kind", usual.kind)),
            i2c_address=int(found.get("i2c_address", usual.i2c_address)),
            i2c_port=int(found.get("i2c_port", usual.i2c_port)),
        )
    except (reading.Unreadable, ValueError, TypeError, AttributeError, OverflowError):
        return usual
