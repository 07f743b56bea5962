"""How does a model get out of its zip unharmed? What an archive is known by, and safe unpacking.

Nothing is believed: not the zip's paths and sizes. Every failure is one `ModelError` that
says what to do next (law 10).
"""

import lzma
import re
import shutil
import stat
import zipfile
import zlib
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from pi_companion.errors import ModelError
from pi_companion.speech.model_files import sha256

MOST_BYTES = 4 << 30
MOST_FILES = 10_000

# Bytes done and, where it is known, bytes in all.
Progress = Callable[[int, int | None], None]

_CHUNK = 1 << 16
# What reading a damaged zip may raise; the decompressors' errors have no common base.
_DAMAGE = (zipfile.BadZipFile, zlib.error, lzma.LZMAError, EOFError, NotImplementedError, OSError, ValueError)
_LITTER = ("__MACOSX", ".DS_Store")


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownModel:
    """A model published elsewhere, pinned: `url` of its zip, `size_bytes` and `sha256` (hex) of that zip."""

    name: str
    url: str
    size_bytes: int
    sha256: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Contents:
    """What a zip holds: `top`, the one folder everything is in ("" if there is none), files without it, their sum."""

    top: str
    files: tuple[tuple[zipfile.ZipInfo, PurePosixPath], ...]
    size_bytes: int


def require_space(folder: Path, needed: int) -> None:
    """Return if `needed` bytes are free where `folder` lies, else raise `ModelError` with both figures."""
    free = shutil.disk_usage(folder).free
    if free < needed:
        raise ModelError(f"{folder}: not enough room: {needed:,} bytes needed, {free:,} free")


def verify(archive: Path, known: KnownModel, *, keep: bool = False) -> None:
    """Compare an archive with what is known of it; delete a wrong one unless told to `keep` it. `ModelError`."""
    size = archive.stat().st_size
    if size == known.size_bytes and (digest := sha256(archive)) == known.sha256:
        return
    found, expected = (
        (f"{size:,} bytes", f"{known.size_bytes:,} bytes") if size != known.size_bytes else (digest, known.sha256)
    )
    if not keep:
        archive.unlink()
    what = "size" if size != known.size_bytes else "SHA-256"
    next_step = "get it again from its maker" if keep else "it was deleted; install again"
    raise ModelError(f"{archive}: is not {known.name}: {what} found {found}, expected {expected}; {next_step}")


def inspect(archive: Path) -> Contents:
    """Return what a zip holds, having refused what could do harm: `ModelError` names each offending entry.

    Refused: absolute paths, `..`, backslashes, links and devices, encrypted or repeated entries, more than
    `MOST_FILES` files or `MOST_BYTES` bytes. Desktop litter (`__MACOSX`, `.DS_Store`) is left out.
    """
    try:
        with zipfile.ZipFile(archive) as opened:
            entries = opened.infolist()
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError) as error:
        raise ModelError(f"{archive}: is no zip that can be read: {error}") from error
    complaints = [f"{entry.filename!r} {said}" for entry in entries if (said := _harm(entry))]
    files = [
        (entry, PurePosixPath(entry.filename))
        for entry in entries
        if not entry.is_dir() and not set(_LITTER) & set(PurePosixPath(entry.filename).parts)
    ]
    names = [name for _, name in files]
    complaints += [
        f"'{name}' is there more than once" for name in sorted(n for n, times in Counter(names).items() if times > 1)
    ]
    size = sum(entry.file_size for entry, _ in files)
    if len(entries) > MOST_FILES or size > MOST_BYTES:
        complaints.append(f"holds {len(entries):,} entries, {size:,} bytes; at most {MOST_FILES:,} and {MOST_BYTES:,}")
    if complaints:
        raise ModelError("\n".join(f"{archive}: {complaint}" for complaint in complaints))
    tops = {name.parts[0] for name in names}
    top = tops.pop() if len(tops) == 1 and all(len(name.parts) > 1 for name in names) else ""
    return Contents(
        top=top,
        files=tuple((entry, PurePosixPath(*name.parts[1:]) if top else name) for entry, name in files),
        size_bytes=size,
    )


def unpack(archive: Path, contents: Contents, into: Path, progress: Progress) -> None:
    """Write the files of an inspected zip into the new folder `into`, without their top folder.

    `ModelError` if there is no room or an entry is damaged; the caller throws away what was written.
    """
    require_space(into.parent, contents.size_bytes)
    into.mkdir()
    done = 0
    progress(0, contents.size_bytes)
    with zipfile.ZipFile(archive) as opened:
        for entry, name in contents.files:
            target = into / name
            target.parent.mkdir(parents=True, exist_ok=True)
            try:
                with opened.open(entry) as packed, target.open("xb") as file:
                    while piece := packed.read(_CHUNK):
                        file.write(piece)
                        done += len(piece)
                        progress(done, contents.size_bytes)
            except _DAMAGE as error:
                raise ModelError(f"{archive}: {entry.filename} cannot be unpacked: {error}") from error


def copy(source: Path, into: Path, progress: Progress) -> None:
    """Copy the files of a model folder into the new folder `into`; a link to a file becomes that file."""
    files = [path for path in sorted(source.rglob("*")) if path.is_file()]
    size = sum(path.stat().st_size for path in files)
    require_space(into.parent, size)
    into.mkdir()
    done = 0
    progress(0, size)
    for path in files:
        target = into / path.relative_to(source)
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(path, target)
        done += target.stat().st_size
        progress(done, size)


def _harm(entry: zipfile.ZipInfo) -> str:
    """Return why an entry must not be unpacked, or nothing."""
    # `filename` is already cut at a NUL and has the platform's separator replaced; the original has not.
    name = entry.orig_filename
    kind = stat.S_IFMT(entry.external_attr >> 16)
    if not PurePosixPath(name).parts or name.startswith("/") or re.search(r"[\\\0:]", name) or ".." in name.split("/"):
        return "is not a plain path inside the archive"
    if kind not in (0, stat.S_IFREG, stat.S_IFDIR):
        return "is a link or a device"
    return "is encrypted" if entry.flag_bits & 1 else ""
