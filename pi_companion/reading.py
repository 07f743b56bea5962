"""What is in a file that a person named? All of it, or one reason why not: never a wait, never more than fits.

A path may lead to a pipe that nobody writes to, to a device without end, to a folder, or be no path at all; a text
may nest deeper than any reader can follow. All of that is told as one `Unreadable` (law 10).
"""

import os
import stat
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

MOST_SETTINGS_BYTES: Final = 256 << 10
"""A settings file or a rule pack; the bundled pack has 34 kB."""

_DEEPEST: Final = 16
_WRONG_KINDS: Final = (
    (stat.S_ISDIR, "a folder"),
    (stat.S_ISFIFO, "a named pipe"),
    (stat.S_ISSOCK, "a socket"),
    (stat.S_ISCHR, "a device"),
    (stat.S_ISBLK, "a device"),
)


class Unreadable(Exception):
    """A file cannot be taken; the message says what was found and what to do, without the file's name."""


def require_file(path: Path) -> int:
    """Return the size of an ordinary file in bytes; raise `Unreadable` if something else is there, or nothing."""
    try:
        found = path.stat()
    except OSError as error:
        raise Unreadable(f"cannot be read: {error.strerror}; name a file that is there") from None
    except ValueError:
        raise Unreadable("cannot be read: no path has a NUL in it; name a file that is there") from None
    for is_kind, kind in _WRONG_KINDS:
        if is_kind(found.st_mode):
            raise Unreadable(f"is {kind}; name an ordinary file")
    return found.st_size


def contents(path: Path, most_bytes: int) -> bytes:
    """Return an ordinary file of up to `most_bytes` bytes, whole. Raises `Unreadable`."""
    require_file(path)
    try:
        # Not blocking: what was a file a moment ago may be a pipe by now.
        handle = os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0))
        with os.fdopen(handle, "rb") as file:
            found = file.read(most_bytes + 1)
    except OSError as error:
        raise Unreadable(f"cannot be read: {error.strerror}; name a file that is there") from None
    if len(found) > most_bytes:
        raise Unreadable(f"is longer than {most_bytes:,} bytes; that is no file of this kind")
    return found


def text(path: Path, most_bytes: int) -> str:
    """Return an ordinary UTF-8 file with each line end one character. Raises `Unreadable`."""
    found = contents(path, most_bytes)
    try:
        return found.decode("utf-8").replace("\r\n", "\n")
    except UnicodeDecodeError as mistake:
        line = found[: mistake.start].count(b"\n") + 1
        raise Unreadable(f"at line {line}: not UTF-8; save the file as UTF-8") from None


def toml(written: str) -> dict[str, Any]:
    """Return what a TOML text says. Raises `Unreadable` naming line and column of what is not TOML."""
    try:
        said = tomllib.loads(written)
    except tomllib.TOMLDecodeError as mistake:
        what, _, place = str(mistake).removesuffix(")").rpartition(" (at ")
        raise Unreadable(f"at {place}: not TOML: {what}" if what else f"not TOML: {mistake}") from None
    except (ValueError, RecursionError):
        raise Unreadable("not TOML that can be taken: a number too long or tables nested too deeply") from None
    if _is_deeper(said, _DEEPEST):
        raise Unreadable(f"tables and lists are nested more than {_DEEPEST} deep; nothing here needs that")
    return said


def resolved(path: Path) -> Path:
    """Return a path made absolute, links followed where that is possible: reading it tells where it is not."""
    try:
        return path.resolve()
    except (OSError, ValueError, RuntimeError):  # a NUL, a loop of links
        return path.absolute()


def expanded(path: Path) -> Path:
    """Return a path with `~` as the home it stands for; as it is where there is no such home."""
    try:
        return path.expanduser()
    except RuntimeError:
        return path


def is_there(path: Path) -> bool:
    """Return whether there is something at a path; True also where looking is forbidden: reading it will say so."""
    try:
        path.stat()
    except (FileNotFoundError, NotADirectoryError):
        return False
    except (OSError, ValueError):
        return True
    return True


def is_folder(path: Path) -> bool:
    """Return whether a path is a folder's; False also where looking is impossible."""
    try:
        return path.is_dir()
    except OSError:  # a name too long, a folder that may not be looked into
        return False


def _is_deeper(value: object, deepest: int) -> bool:
    level = [value]
    for _ in range(deepest):
        level = [
            below
            for each in level
            if isinstance(each, (Mapping, list))
            for below in (each.values() if isinstance(each, Mapping) else each)
        ]
    return bool(level)
