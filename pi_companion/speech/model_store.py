"""Where installed models are kept, and how one gets there whole or not at all.

The store is a folder with one folder a model. A new model is made out of sight (`.work`), then renamed into place;
the one it replaces waits in `.replaced` until that has happened. Whoever reads the store at any moment, or after the
power failed at any moment, sees whole models only.
"""

import contextlib
import os
import re
import shutil
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import platformdirs

from pi_companion.errors import ModelError
from pi_companion.reading import expanded
from pi_companion.speech.model_files import SUMS, sync

STORE_VARIABLE = "PI_COMPANION_MODELS"
NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")


def store_dir() -> Path:
    """Return the folder models are installed in: `$PI_COMPANION_MODELS`, else the user's data folder's `models`."""
    named = os.environ.get(STORE_VARIABLE)
    return expanded(Path(named)) if named else platformdirs.user_data_path("pi-companion") / "models"


def newest_first(store: Path) -> tuple[Path, ...]:
    """Return the installed model folders, the one last installed first.

    The time a model's `SHA256` was written decides; `put_in_place` sets it later than every other's, whatever the
    clock says. Folders put there by hand, without one, come last; equal times go by name.
    """
    folders = {path.name: path for path in (*_folders(store / ".replaced"), *_folders(store))}
    return tuple(sorted(folders.values(), key=lambda path: (-_installed_ns(path), path.name)))


@contextlib.contextmanager
def work_in(store: Path) -> Iterator[Path]:
    """Lend an empty work folder in the store to one installer at a time; mend what an interrupted one left.

    `ModelError` if another install is running (POSIX; Windows has no such lock here).
    """
    store.mkdir(parents=True, exist_ok=True)
    work = store / ".work"
    with (store / ".lock").open("w", encoding="utf-8") as lock:
        if sys.platform != "win32":
            import fcntl  # noqa: PLC0415 - exists on POSIX only

            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                raise ModelError(f"{store}: another install is running; wait for it to end") from None
        for replaced in _folders(store / ".replaced"):
            if (store / replaced.name).exists():
                shutil.rmtree(replaced)
            else:
                replaced.rename(store / replaced.name)
        _clear(work)
        work.mkdir()
        try:
            yield work
        finally:
            _clear(work)


def put_in_place(fresh: Path, name: str, store: Path) -> Path:
    """Rename a finished model folder to `name` in the store, in place of an earlier one, and make it the newest."""
    latest = max((_installed_ns(path) for path in newest_first(store)), default=0)
    now = time.time_ns()
    # Two seconds: the coarsest file time there is (FAT). The clock may be behind: a Pi has none without a network.
    stamp = now if now > latest else latest + 2_000_000_000
    os.utime(fresh / SUMS, ns=(stamp, stamp))
    target, replaced = store / name, store / ".replaced" / name
    if target.exists():
        replaced.parent.mkdir(exist_ok=True)
        target.rename(replaced)
    fresh.rename(target)
    sync(store)
    _clear(replaced)
    return target


def _folders(store: Path) -> tuple[Path, ...]:
    if not store.is_dir():
        return ()
    return tuple(path for path in store.iterdir() if NAME.fullmatch(path.name) and path.is_dir())


def _installed_ns(folder: Path) -> int:
    sums = folder / SUMS
    return sums.stat().st_mtime_ns if sums.is_file() else 0


def _clear(folder: Path) -> None:
    # What cannot be removed now is out of sight and is tried again by the next install.
    shutil.rmtree(folder, ignore_errors=True)
