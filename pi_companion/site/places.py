"""In which line does a mistake stand? Complaints name a place by its keys; a person with an editor wants a number."""

import re
from dataclasses import dataclass
from typing import Final

from pi_companion.errors import InputError

_TABLE: Final = re.compile(r"\s*(\[\[?)\s*([^\[\]]+?)\s*\]\]?\s*(?:#.*)?$")
_KEY: Final = re.compile(r"\s*((?:[\w-]+|\"[^\"]*\"|'[^']*')(?:\s*\.\s*(?:[\w-]+|\"[^\"]*\"|'[^']*'))*)\s*=")
_STEP: Final = re.compile(r"([^.\[\]\s]+)(?:\[(\d+)[^\]]*\])?")
_PLACE: Final = re.compile(r"((?:[^\s.\[\]:]+(?:\[\d+[^\]]*\])?\.?)+): ")
_SAID: Final = re.compile(r"at line (\d+)")

Path = tuple[tuple[str, int], ...]
"""Keys from the outermost in; of a list of tables which one, from 1; else 0."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Complaint:
    """A mistake in a file that a person edits. `file`: its name alone; `line`: 0 if it is in none; `key`: or empty."""

    file: str
    line: int
    key: str
    told: str

    def __str__(self) -> str:
        return f"{self.file}, line {self.line}: {self.told}" if self.line else f"{self.file}: {self.told}"


def located(error: InputError, file: str, text: str) -> list[Complaint]:
    """Return the complaints of an error about a file, each with its line as far as it can be found in the text."""
    lines = lines_of(text)
    return [_located(told, file, lines) for told in error.complaints]


def _located(told: str, file: str, lines: dict[Path, int]) -> Complaint:
    if said := _SAID.match(told):
        return Complaint(file=file, line=int(said[1]), key="", told=told)
    place = _PLACE.match(told)
    if place is None:
        return Complaint(file=file, line=0, key="", told=told)
    path: Path = tuple((step[1], int(step[2] or 0)) for step in _STEP.finditer(place[1]))
    below = _PLACE.match(told, place.end())
    if below and (*path, (below[1], 0)) in lines:  # of a table as a whole
        path = (*path, (below[1], 0))
    # What is missing has no line: its table's says where it belongs. A list's item stands where its list does.
    tries = [path[:length] for length in range(len(path), 0, -1)]
    found = [lines[each] for path in tries for each in (path, (*path[:-1], (path[-1][0], 0))) if each in lines]
    return Complaint(file=file, line=found[0] if found else 0, key=path[-1][0], told=told)


def lines_of(text: str) -> dict[Path, int]:
    """Return where each table and key of a TOML text begins, from line 1 on."""
    found: dict[Path, int] = {}
    counts: dict[Path, int] = {}
    table: Path = ()
    quote = ""
    for number, line in enumerate(text.splitlines(), 1):
        if quote:
            quote = "" if line.count(quote) % 2 else quote
            continue
        if heading := _TABLE.match(line):
            table = _numbered(_keys(heading[2]), counts, is_item=heading[1] == "[[")
            found.setdefault(table, number)
        elif key := _KEY.match(line):
            found.setdefault((*table, *((name, 0) for name in _keys(key[1]))), number)
        quote = next((each for each in ('"""', "'''") if line.count(each) % 2), "")
    return found


def _numbered(keys: list[str], counts: dict[Path, int], *, is_item: bool) -> Path:
    path: Path = ()
    for name in keys[:-1]:
        below = (*path, (name, 0))
        path = (*path, (name, counts.get(below, 0)))
    last = (*path, (keys[-1], 0))
    if not is_item:
        return last
    counts[last] = counts.get(last, 0) + 1
    return (*path, (keys[-1], counts[last]))


def _keys(written: str) -> list[str]:
    return [
        bare or quoted or single for bare, quoted, single in re.findall(r"([\w-]+)|\"([^\"]*)\"|'([^']*)'", written)
    ]
