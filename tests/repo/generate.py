"""Writes the generated parts of the README, and the generated pages, anew: `make docs`. A test fails while they differ.

A part stands between `<!-- generated: NAME -->` and `<!-- end of NAME -->`; nobody edits inside.
"""

import re
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Final

import typer.main
from typer.core import TyperGroup

from pi_companion.cli import app
from pi_companion.core.call import LINE, LINE_START
from pi_companion.core.hold import HOLD, HOLD_START
from pi_companion.core.machine import mermaid
from pi_companion.core.mute import MUTE, MUTE_START
from tests.repo import coverage, days_off_table, site_page, texts_page

REPOSITORY: Final = Path(__file__).parents[2]
README: Final = REPOSITORY / "README.md"
TEXTS: Final = REPOSITORY / "pi_companion" / "packs" / "TEXTS.md"
COVERAGE: Final = REPOSITORY / "pi_companion" / "packs" / "COVERAGE.md"
SITE: Final = REPOSITORY / "pi_companion" / "site" / "REFERENCE.md"
DAYS_OFF: Final = REPOSITORY / "pi_companion" / "adapters" / "days_off.txt"


def diagrams() -> str:
    """The three machines, drawn from their tables."""
    drawings = (
        ("The line", mermaid(LINE, LINE_START)),
        ("The MUTE key", mermaid(MUTE, MUTE_START)),
        ("Letting a customer wait", mermaid(HOLD, HOLD_START)),
    )
    return "\n\n".join(
        f"<details><summary>{title}</summary>\n\n```mermaid\n{drawing}\n```\n\n</details>"
        for title, drawing in drawings
    )


def commands() -> str:
    """Every command with the first sentence of its help."""
    rows = ["| command | what it does |", "|---|---|"]
    root = typer.main.get_command(app)
    assert isinstance(root, TyperGroup)
    for name, command in root.commands.items():
        nested = command.commands if isinstance(command, TyperGroup) else {"": command}
        for verb, each in nested.items():
            text = " ".join((each.help or "").split())
            rows.append(f"| `pi-companion {f'{name} {verb}'.strip()}` | {text} |")
    return "\n".join(rows)


PARTS: Final[Mapping[str, Callable[[], str]]] = {"diagrams": diagrams, "commands": commands}


PAGES: Final[Mapping[Path, Callable[[], str]]] = {
    TEXTS: texts_page.page,
    COVERAGE: coverage.page,
    SITE: site_page.page,
    DAYS_OFF: days_off_table.page,
}
"""Files that are generated from the first line to the last."""


def renewed(text: str) -> str:
    """Return the README with every generated part written anew. Raises ValueError if a part has no place."""
    for name, make in PARTS.items():
        place = re.compile(rf"(<!-- generated: {name} -->\n).*?(<!-- end of {name} -->)", re.DOTALL)
        if len(place.findall(text)) != 1:
            message = f"README.md needs the marks of the part {name} exactly once"
            raise ValueError(message)
        part = make()
        text = place.sub(lambda marks, part=part: f"{marks[1]}\n{part}\n\n{marks[2]}", text)  # type: ignore[misc]  # re's types have no default arguments
    return text


if __name__ == "__main__":
    README.write_text(renewed(README.read_text(encoding="utf-8")), encoding="utf-8")
    print(f"{README.name}: {', '.join(PARTS)} written anew")
    for path, make in PAGES.items():
        path.write_text(make(), encoding="utf-8")
        print(f"{path.relative_to(REPOSITORY)}: written anew")
