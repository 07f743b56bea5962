"""The files of the KiCad project, its own rules, and what its report is about."""

import hashlib
from collections.abc import Iterable
from pathlib import Path
from typing import Final

from hardware.carrier import layout
from hardware.carrier.job import PHONE_APART_MM

HERE: Final = Path(__file__).parent
PROJECT: Final = HERE / "kicad"
SCHEMATIC: Final = PROJECT / "carrier.kicad_sch"
BOARD: Final = PROJECT / "carrier.kicad_pcb"
RULES: Final = PROJECT / "carrier.kicad_dru"
SETTINGS: Final = PROJECT / "carrier.kicad_pro"
SYMBOLS: Final = PROJECT / "carrier.kicad_sym"
REPORT: Final = HERE / "report.json"
GERBERS: Final = HERE / "carrier-gerbers.zip"
DRAWINGS: Final = HERE / "drawings"


def digest(path: Path) -> str:
    """Return the SHA-256 of a file."""
    return hashlib.sha256(path.read_bytes()).hexdigest()


def checked_files() -> tuple[Path, ...]:
    """Return what a report is about: another one of these, and the report is about something else."""
    return SCHEMATIC, BOARD, RULES, SETTINGS, GERBERS, *sorted(DRAWINGS.glob("*.svg"))


_OURS: Final = "A.NetClass == 'Phone' && B.NetClass != 'Phone'"


def rules() -> str:
    """Return the design rules that are the board's own."""
    return f"""(version 1)
# The phone's nets end at K101's contact side. Between them and all else lie 6 mm of board, or the station socket, whose
# contacts are as far apart as they are.
(rule "phone apart"
  (condition "{_OURS} && !A.enclosedByArea('socket') && !B.enclosedByArea('socket')")
  (constraint clearance (min {PHONE_APART_MM:g}mm)))
"""


def _table(kind: str, entries: Iterable[tuple[str, str]]) -> str:
    lines = "".join(
        f' (lib (name "{name}")(type "KiCad")(uri "{place}")(options "")(descr ""))\n' for name, place in entries
    )
    return f"({kind}_lib_table\n (version 7)\n{lines})\n"


def symbol_table() -> str:
    """Return where the schematic's symbols come from."""
    kicad = ((name, f"${{KICAD9_SYMBOL_DIR}}/{name}.kicad_sym") for name in _SYMBOL_LIBRARIES)
    return _table("sym", (("carrier", "${KIPRJMOD}/carrier.kicad_sym"), *kicad))


_SYMBOL_LIBRARIES: Final = ("Device", "Switch", "Connector", "Connector_Generic", "power")


def footprint_table() -> str:
    """Return where the board's footprints come from."""
    names = {footprint.partition(":")[0] for footprint in (*layout.FOOTPRINTS.values(), layout.STANDING)}
    return _table(
        "fp", ((name, f"${{KICAD9_FOOTPRINT_DIR}}/{name}.pretty") for name in sorted({*names, "MountingHole"}))
    )
