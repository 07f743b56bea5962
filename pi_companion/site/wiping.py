"""How is a unit emptied? Everything that it took or learned is deleted; cut short, the next start goes on with it.

First a mark, then the keys, without which the records are noise, then the rest, then the mark. What a flash card does
with old cells is its own affair: passwords that were on it are changed at the broker and the Wi-Fi (SECURITY.md).
"""

import os
import shutil
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Final

from pi_companion.site_file import KEY
from pi_companion.writing import replace_file, sync_folder

MARK: Final = ".wiping"


def is_begun(data: Path) -> bool:
    """Return whether a wipe was cut short."""
    return (data / MARK).exists()


def wipe(data: Path, others: Iterable[Path], step: Callable[[str], None] = lambda _done: None) -> None:
    """Delete all that is in `data` and the other folders, which stay. Raises OSError; then it can be begun again."""
    folders = [data, *(folder for folder in others if folder.is_dir())]
    data.mkdir(parents=True, exist_ok=True)
    replace_file(data / MARK, b"", 0o600)
    step("marked")
    for folder in folders:
        (folder / KEY).unlink(missing_ok=True)
        sync_folder(folder)
        step(f"key of {folder.name}")
    for folder in folders:
        for path in sorted(folder.iterdir()):
            if path.name == MARK:
                continue
            if path.is_dir() and not path.is_symlink():
                shutil.rmtree(path)
            else:
                path.unlink()
            step(str(path.name))
        sync_folder(folder)
    (data / MARK).unlink()
    sync_folder(data)
    os.sync()
