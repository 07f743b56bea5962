"""What is one row of the fault matrix, how does a test hand it in, and how is the table told? No row is ever made up.

A test that has lived through a fault notes a `Row` as a property of itself; as a plugin of pytest this module writes
them down, and `faults.py` collects them. What was not seen is listed as such, with the test that covers it elsewhere.
"""

import json
import os
from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Final

import pytest
from rich.table import Table

Note = Callable[[str, object], None]
"""pytest's record_property."""

GUEST: Final = "guest"
"""Kernel, systemd and packaged service as `tests/guest/README.md` has them; time is the guest's."""

SIMULATED: Final = "simulated"
"""The live shell in the test's process, on a simulated board; time is the bench's."""

FILE: Final = "rows.jsonl"
FILE_VARIABLE: Final = "PI_COMPANION_ROWS"
_PROPERTY: Final = "row"
_HEADINGS: Final = ("fault", "parts", "what the agent sees", "recovered after", "what was lost", "held")


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One fault as it was lived through. `sees`: the OLED's words in their order, lamps where they matter."""

    fault: str
    parts: str
    sees: str
    recovered: str
    lost: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """A row and whether the test that saw it held, by its name; a test that ended before its row has none."""

    test: str
    is_held: bool
    row: Row | None
    message: str = ""


def note(record_property: Note, row: Row) -> None:
    """Hand a row in. Before the assertions that judge it: a row that does not hold is shown, too."""
    record_property(_PROPERTY, json.dumps(asdict(row), ensure_ascii=False))


def pytest_runtest_logreport(report: pytest.TestReport) -> None:
    """As a plugin (`-p tests.guest.rows`): write down at once how a test ended and its rows: a guest is cut off."""
    place = os.environ.get(FILE_VARIABLE) or (f"{os.environ['GUEST']}/{FILE}" if "GUEST" in os.environ else "")
    if not place or report.skipped or not (report.when == "call" or (report.when == "setup" and not report.passed)):
        return
    rows = [value for name, value in report.user_properties if name == _PROPERTY]
    crash = getattr(report.longrepr, "reprcrash", None)
    message = "" if report.passed else str(getattr(crash, "message", report.longrepr)).partition("\n")[0]
    with Path(place).open("a", encoding="utf-8") as file:
        for row in rows or [None]:
            test = report.nodeid.rpartition("/")[2]
            told = {"test": test, "is_held": report.passed, "row": row and json.loads(str(row)), "message": message}
            file.write(json.dumps(told, ensure_ascii=False) + "\n")


def read(place: Path) -> list[Told]:
    """Return what was written down in a file; nothing if there is none."""
    if not place.exists():
        return []
    found = [json.loads(line) for line in place.read_text(encoding="utf-8").splitlines()]
    return [Told(**{**each, "row": each["row"] and Row(**each["row"])}) for each in found]


def cells(each: Told) -> tuple[str, ...]:
    """Return a row as the table has it."""
    held = "yes" if each.is_held else f"NO: {each.message}"
    if each.row is None:
        return (each.test, "", "not seen", "", "", held)
    return (each.row.fault, each.row.parts, each.row.sees, each.row.recovered, each.row.lost, held)


def table_of(found: Sequence[Told]) -> Table:
    """Return the matrix as it is printed."""
    table = Table(*_HEADINGS, title="the fault matrix", show_lines=True)
    for each in found:
        table.add_row(*cells(each), style="" if each.is_held else "bold red")
    return table


def page(found: Sequence[Told], *, seen: str, elsewhere: Iterable[str], missing: Iterable[str]) -> str:
    """Return the matrix as Markdown. `seen`: when, of which commit, on what; `missing`: what was never run."""
    lines = [_line(_HEADINGS), _line("---" for _ in _HEADINGS), *(_line(cells(each)) for each in found)]
    return "\n".join(
        [
            "# The fault matrix",
            "",
            "Written by `make faults ARGS=--write`. " + seen,
            "",
            *lines,
            "",
            "## Faults that other tests live through",
            "",
            *(f"- {each}" for each in elsewhere),
            "",
            "## Not yet run",
            "",
            *(f"- {each}" for each in missing),
            "",
        ]
    )


def _line(texts: Iterable[str]) -> str:
    return "| " + " | ".join(text.replace("|", "\\|").replace("\n", " ") for text in texts) + " |"
