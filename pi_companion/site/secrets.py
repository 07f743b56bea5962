"""How does a password get off the boot partition? Into the device first, then over its own bytes in the file.

Each step may be the last before a power cut; the next start goes on where it stopped:

1. the passwords are in the device, under names that only root reads;
2. their own bytes in `site.toml` are overwritten with asterisks, in place.

In place because a FAT has no journal: a file that is replaced there may be found, after a power cut, with its old
content, with none, or not at all. So nothing of the FAT but these bytes changes, and the file stays TOML all along.
Asterisks alone are no password; some of them in the one that is kept are a step 2 that was cut short.

What this cannot do: a flash card writes to other cells than it read from, so the old ones may keep what they had until
the card needs them. Who fears that gives the devices a network and a broker's user of their own (SECURITY.md).
"""

import os
import re
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Final

import tomlkit
from tomlkit.exceptions import TOMLKitError

from pi_companion import reading
from pi_companion.errors import ConfigError
from pi_companion.site.network import SECRETS
from pi_companion.writing import replace_file

_MASK: Final = "*"

Step = Callable[[str], None]
"""Told after each step is on the disk; the tests cut the power there."""


def move(site: Path, store: Path, step: Step = lambda _done: None) -> list[str]:
    """Move the passwords of a site file into the folder `store`; return the names of those that were moved now.

    Raises `ConfigError` if a password is written so that it cannot be overwritten, OSError if a disk cannot be
    written; nothing is lost then.
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
    new = [name for name, value in found.items() if not _is_half_overwritten(value, store / name)]
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


def _is_half_overwritten(value: str, kept: Path) -> bool:
    """Return whether what stands in the file is the password that is kept, with some of it overwritten."""
    try:
        known = kept.read_text(encoding="ascii")
    except (OSError, UnicodeDecodeError):
        return False
    pairs = zip(value, known, strict=False)
    return len(value) == len(known) and value != known and all(found in {_MASK, was} for found, was in pairs)


def _secrets(text: str) -> dict[str, str]:
    """Return the passwords of a file by the name that each is kept under; asterisks alone are none."""
    try:
        said = reading.toml(text)
    except reading.Unreadable:
        return {}
    tables = {table: said.get(table) for table, _ in SECRETS}
    return {
        f"{table}_{name}": value
        for table, name in SECRETS
        if isinstance(below := tables[table], Mapping)
        and isinstance(value := below.get(name), str)
        and value.strip(_MASK)
    }


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
