"""Steps of a build that are done once: each is known by the hash of what goes into it, and skipped when it is there."""

import ast
import hashlib
import json
import shutil
import time
from collections.abc import Callable
from pathlib import Path


def key(*parts: object) -> str:
    """Twelve digits for everything a step depends on: the contents of files, and the values of everything else.

    Of a Python file its code counts, not its layout and comments.
    """
    digest = hashlib.sha256()
    for part in parts:
        if isinstance(part, Path) and part.suffix == ".py":
            digest.update(ast.dump(ast.parse(part.read_text("utf-8"))).encode())
        elif isinstance(part, Path):
            digest.update(part.read_bytes())
        else:
            digest.update(json.dumps(part, sort_keys=True, default=str).encode())
        digest.update(b"\0")
    return digest.hexdigest()[:12]


def step(folder: Path, name: str, known_by: str, make: Callable[[Path], object]) -> Path:
    """The result of a step, a file or a folder `name` with its key in it: as it was kept, or made by `make(path)`.

    `make` may find its own unfinished work of an interrupted run at the path it is given. Results of the same name
    with another key are removed once the new one is there.
    """
    stem, dot, ending = name.partition(".")
    result = folder / f"{stem}-{known_by}{dot}{ending}"
    if result.exists():
        print(f"model: {name} is there ({result.name})", flush=True)
        return result
    folder.mkdir(parents=True, exist_ok=True)
    unfinished = folder / f"{stem}-{known_by}-unfinished{dot}{ending}"
    began = time.monotonic()
    print(f"model: {name} …", flush=True)
    make(unfinished)
    unfinished.rename(result)
    print(f"model: {name} done in {(time.monotonic() - began) / 60:.1f} min ({result.name})", flush=True)
    for old in folder.glob(f"{stem}-????????????{dot}{ending}"):
        if old != result:
            shutil.rmtree(old) if old.is_dir() else old.unlink()
    return result
