"""How does a file come to be? Whole, or not at all: a power cut leaves the old one or the new one, never a part."""

import os
import tempfile
from contextlib import suppress
from pathlib import Path


def replace_file(place: Path, content: bytes, mode: int) -> None:
    """Put a file in place of another in one step, and see to it that both file and name are on the disk.

    Raises OSError, the old file as it was.
    """
    handle, name = tempfile.mkstemp(dir=place.parent, prefix=f".{place.name}.", suffix=".partial")
    partial = Path(name)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
            file.flush()
            with suppress(PermissionError):  # a FAT has no modes
                os.fchmod(handle, mode)
            os.fsync(handle)
        partial.replace(place)
    finally:
        partial.unlink(missing_ok=True)
    sync_folder(place.parent)


def sync_folder(folder: Path) -> None:
    """See to it that the names in a folder are on the disk."""
    handle = os.open(folder, os.O_RDONLY)
    with suppress(OSError):  # some file systems cannot; the files themselves are safe
        os.fsync(handle)
    os.close(handle)
