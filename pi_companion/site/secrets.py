"""How does a password get off the boot partition? Into the device first, then out of the file, then over its old bytes.

Each step may be the last before a power cut; the next start goes on where it stopped:

1. the passwords are in the device, under names that only root reads;
2. `site.toml.clean` has the whole file without them, under its name only once it is complete;
3. the passwords' own bytes in `site.toml` are overwritten in place: it stays TOML all along;
4. `site.toml.clean` takes the place of `site.toml`.

While there is a `site.toml.clean`, what stands as a password in `site.toml` may be half overwritten and is never taken.

What this cannot do: a flash card writes to other cells than it read from, so the old ones may keep what they had until
the card needs them. Who fears that gives the devices a network and a broker's user of their own (SECURITY.md).
"""

import os
import re
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any, Final

import tomlkit
from tomlkit.exceptions import TOMLKitError

from pi_companion import reading
from pi_companion.errors import ConfigError
from pi_companion.site.network import SECRETS
from pi_companion.writing import replace_file, sync_folder

CLEAN: Final = ".clean"
_MASK: Final = b"*"

Step = Callable[[str], None]
"""Told after each step is on the disk; the tests cut the power there."""


def move(site: Path, store: Path, step: Step = lambda _done: None) -> list[str]:
    """Move the passwords of a site file into the folder `store`; return the names of those that were moved now.

    Raises `ConfigError` if a password is written so that it cannot be overwritten, OSError if a disk cannot be
    written; nothing is lost then.
    """
    clean = site.with_name(site.name + CLEAN)
    with suppress(OSError):
        for partial in site.parent.glob(f".{clean.name}.*.partial"):
            partial.unlink()
    if clean.exists():
        if _goes_on(site, clean):
            _finish(site, clean, step)
            return []
        clean.unlink()  # only what is there: the partition is read-only while there is nothing to take out
    text = _text(site)
    found = _secrets(text)
    if not found:
        return []
    # One of several bytes to a character would be no text while it is half overwritten.
    if hidden := [name for name, value in found.items() if not value.isascii() or not _spans(text, value)]:
        said = "write it plainly, in ASCII, between one pair of quotes"
        raise ConfigError(site.name, [f"{name.replace('_', '.')}: {said}" for name in hidden])
    store.mkdir(parents=True, exist_ok=True, mode=0o700)
    for name, value in found.items():
        replace_file(store / name, value.encode(), 0o600)
        step(f"stored {name}")
    replace_file(clean, without(text).encode(), 0o644)
    step("clean")
    _finish(site, clean, step)
    return list(found)


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


def _goes_on(site: Path, clean: Path) -> bool:
    """Return whether a move that was cut short is to be ended; not if somebody has edited the file meanwhile."""
    if not site.exists():
        return True
    try:
        return without(_text(site)) == _text(clean)
    except ConfigError:
        return False


def _finish(site: Path, clean: Path, step: Step) -> None:
    if site.exists():
        text = _text(site)
        with site.open("r+b") as file:
            for value in _secrets(text).values():
                for begin, end in _spans(text, value):
                    file.seek(begin)
                    file.write(_MASK * (end - begin))
            file.flush()
            os.fsync(file.fileno())
        step("overwritten")
    clean.replace(site)
    step("renamed")
    sync_folder(site.parent)
    step("synced")


def _secrets(text: str) -> dict[str, str]:
    """Return the passwords of a file by the name that each is kept under."""
    try:
        said = reading.toml(text)
    except reading.Unreadable:
        return {}
    tables = {table: said.get(table) for table, _ in SECRETS}
    return {
        f"{table}_{name}": value
        for table, name in SECRETS
        if isinstance(below := tables[table], Mapping) and isinstance(value := below.get(name), str) and value
    }


def _spans(text: str, value: str) -> list[tuple[int, int]]:
    """Return where the bytes of a password stand in a file, quotes apart."""
    pattern = re.compile(rb"password[\"']?[ \t]*=[ \t]*([\"'])(" + re.escape(value.encode()) + rb")\1")
    return [match.span(2) for match in pattern.finditer(text.encode())]


def _text(path: Path) -> str:
    """Return a file as it is, line ends included. Raises `ConfigError`."""
    try:
        return reading.contents(path, reading.MOST_SETTINGS_BYTES).decode()
    except reading.Unreadable as why:
        raise ConfigError(path.name, [str(why)]) from None
    except UnicodeDecodeError:
        raise ConfigError(path.name, ["not UTF-8; save the file as UTF-8"]) from None
