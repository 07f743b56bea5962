"""How does a password get off the boot partition? Into the device first, then over its own bytes in the file.

Each step may be the last before a power cut; the next start goes on where it stopped:

1. the passwords are set aside in the device, under names that only root reads;
2. their own bytes in `site.toml` are overwritten with asterisks, in place.

They are in effect no sooner than the file that they stood in (`taking.py`): one with a mistake has its passwords taken
out all the same, and they wait for the file without it.

In place because a FAT has no journal: a file that is replaced there may be found, after a power cut, with its old
content, with none, or not at all. So nothing of the FAT but these bytes changes, and the file stays TOML all along.
Asterisks alone are no password; some of them in the one that is kept are a step 2 that was cut short.

What this cannot do: a flash card writes to other cells than it read from, so the old ones may keep what they had until
the card needs them. Who fears that gives the devices a network and a broker's user of their own (SECURITY.md).
"""

import os
import re
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any, Final

import tomlkit
from tomlkit.exceptions import TOMLKitError

from pi_companion import reading
from pi_companion.errors import ConfigError
from pi_companion.site.network import SECRETS
from pi_companion.writing import replace_file, sync_folder

_MASK: Final = "*"

# Lines of a file that is no TOML: a table's name, a text in plain quotes, what leaves no doubt which table it is in.
_TABLE: Final = re.compile(r"\s*\[\s*([\w-]+)\s*\]\s*(?:#.*)?")
_PLAIN: Final = re.compile(r"\s*([\w-]+)\s*=\s*([\"'])([^\"'\\]*)\2\s*(?:#.*)?")
_HARMLESS: Final = re.compile(r"\s*(?:#.*|[\w-]+\s*=[^\[\]]*)?")

Step = Callable[[str], None]
"""Told after each step is on the disk; the tests cut the power there."""


def move(site: Path, store: Path, step: Step = lambda _done: None, *, known: Iterable[str] = ()) -> list[str]:
    """Move the passwords of a site file into the folder `store`; return the names of those that were moved now.

    `known`: passwords that the device has elsewhere. Raises `ConfigError` if a password is written so that it cannot be
    overwritten, OSError if a disk cannot be written; nothing is lost then.
    """
    text = _text(site)
    found = _secrets(text)
    if not found:
        return []
    # One of several bytes to a character would be no text while it is half overwritten.
    if hidden := [name for name, value in found.items() if not value.isascii() or not _spans(text, value)]:
        said = "write it plainly, in ASCII, between one pair of quotes"
        raise ConfigError(site.name, [f"{name.replace('_', '.', 1)}: {said}" for name in hidden])
    store.mkdir(parents=True, exist_ok=True, mode=0o700)
    sync_folder(store.parent)
    had = [*stored(store).values(), *known]
    new = [name for name, value in found.items() if not any(_is_half_overwritten(value, each) for each in had)]
    for name in new:
        replace_file(store / name, found[name].encode(), 0o600)
        step(f"stored {name}")
    with site.open("r+b") as file:
        for value in found.values():
            for begin, end in _spans(text, value):
                file.seek(begin)
                file.write(_MASK.encode() * (end - begin))
        file.flush()
        os.fsync(file.fileno())
    step("overwritten")
    return new


def stored(store: Path) -> dict[str, str]:
    """Return the passwords in a folder by name; what cannot be read is none."""
    found = {}
    for table, name in SECRETS:
        with suppress(OSError, UnicodeDecodeError):
            found[f"{table}_{name}"] = (store / f"{table}_{name}").read_text(encoding="ascii")
    return found


def store_all(store: Path, passwords: Mapping[str, str]) -> None:
    """Write a new folder of passwords; one that was never given is empty. Raises OSError."""
    store.mkdir(mode=0o700)
    for table, name in SECRETS:
        replace_file(store / f"{table}_{name}", passwords.get(f"{table}_{name}", "").encode(), 0o600)


def held(site: Path) -> list[str]:
    """Return the names of the passwords that stand in a site file; none if it cannot be read."""
    try:
        return list(_secrets(_text(site)))
    except ConfigError:
        return []


def without(text: str) -> str:
    """Return a site file's text without its passwords, every other line as it was. Raises `ConfigError`."""
    try:
        document: Any = tomlkit.parse(text)
    except TOMLKitError as error:
        raise ConfigError("site.toml", [f"not TOML: {error}"]) from None
    for table, name in SECRETS:
        if isinstance(document.get(table), Mapping) and name in document[table]:
            document[table].remove(name)
    return tomlkit.dumps(document)


def _is_half_overwritten(value: str, known: str) -> bool:
    """Return whether what stands in the file is a password that is kept, with some of it overwritten."""
    pairs = zip(value, known, strict=False)
    return len(value) == len(known) and value != known and all(found in {_MASK, was} for found, was in pairs)


def _secrets(text: str) -> dict[str, str]:
    """Return the passwords of a file by the name that each is kept under; asterisks alone are none."""
    try:
        said: Mapping[str, Any] = reading.toml(text)
    except reading.Unreadable:
        said = _line_by_line(text)
    tables = {table: said.get(table) for table, _ in SECRETS}
    return {
        f"{table}_{name}": value
        for table, name in SECRETS
        if isinstance(below := tables[table], Mapping)
        and isinstance(value := below.get(name), str)
        and value.strip(_MASK)
    }


def _line_by_line(text: str) -> dict[str, dict[str, str]]:
    """Return the quoted texts of a file that is no TOML, by table, as far as it is certain in which they stand."""
    said: dict[str, dict[str, str]] = {}
    table: dict[str, str] = {}
    if '"""' in text or "'''" in text:
        return said
    for line in text.splitlines():
        if header := _TABLE.fullmatch(line):
            table = said.setdefault(header[1], {})
        elif plain := _PLAIN.fullmatch(line):
            table[plain[1]] = plain[3]
        elif not _HARMLESS.fullmatch(line):
            table = {}  # may have been meant as a table's name
    return said


def _spans(text: str, value: str) -> list[tuple[int, int]]:
    """Return where the bytes of a password stand in a file, quotes apart."""
    names = "|".join(sorted({name for _, name in SECRETS})).encode()
    pattern = re.compile(rb"(?:" + names + rb")[\"']?[ \t]*=[ \t]*([\"'])(" + re.escape(value.encode()) + rb")\1")
    return [match.span(2) for match in pattern.finditer(text.encode())]


def _text(path: Path) -> str:
    """Return a file as it is, line ends included. Raises `ConfigError`."""
    try:
        return reading.contents(path, reading.MOST_SETTINGS_BYTES).decode()
    except reading.Unreadable as why:
        raise ConfigError(path.name, [str(why)]) from None
    except UnicodeDecodeError:
        raise ConfigError(path.name, ["not UTF-8; save the file as UTF-8"]) from None
