"""Which speech model is used, which are there, and how a new one gets in.

The order is: named on the command line, named in the site file, installed, bundled. A model that was named and is not
there is an error, never the next one in line (law 10).
"""

import difflib
import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from types import MappingProxyType

from pi_companion.errors import ModelError
from pi_companion.reading import Unreadable, expanded, is_folder, is_there, require_file
from pi_companion.speech import model_files
from pi_companion.speech.model_archives import (
    KnownModel,
    Progress,
    copy,
    inspect,
    unpack,
    verify,
)
from pi_companion.speech.model_files import SUMS, try_in_vosk, write_sums
from pi_companion.speech.model_store import NAME, newest_first, put_in_place, store_dir, work_in

__all__ = [
    "BUNDLED",
    "KNOWN",
    "KnownModel",
    "Listed",
    "Model",
    "Progress",
    "Source",
    "State",
    "check",
    "install",
    "installed",
    "listing",
    "resolve",
    "store_dir",
]

BUNDLED = "companion-zh"
KNOWN: Mapping[str, KnownModel] = MappingProxyType(
    {
        known.name: known
        for known in (
            KnownModel(
                name="vosk-model-small-cn-0.22",
                url="https://alphacephei.com/vosk/models/vosk-model-small-cn-0.22.zip",
                size_bytes=43_898_754,
                sha256="3af8b0e7e0f835ae9d414ce5df580237a3cfb08d586c9fbbb0f7ff29ad5b14ba",
            ),
        )
    }
)


class Source(StrEnum):
    """Why a model was chosen."""

    EXPLICIT = "explicit"
    CONFIGURED = "configured"
    INSTALLED = "installed"
    BUNDLED = "bundled"


@dataclass(frozen=True, slots=True, kw_only=True)
class Model:
    """A model folder. Nothing says it is whole: give `path` to `check` before Vosk sees it."""

    name: str
    path: Path
    source: Source


class State(StrEnum):
    """Where a listed model is. `ELSEWHERE`: in use, from a folder outside the store."""

    BUNDLED = "bundled"
    INSTALLED = "installed"
    AVAILABLE = "available"
    ELSEWHERE = "elsewhere"


@dataclass(frozen=True, slots=True, kw_only=True)
class Listed:
    """One row of `model list`. `path` is None, and `size_bytes` the download's, if the model is only available."""

    name: str
    state: State
    path: Path | None
    size_bytes: int
    is_in_use: bool


def check(folder: Path, trial: Callable[[Path], None] = try_in_vosk) -> None:
    """Return if a model may be loaded in this process, else raise one `ModelError` with every complaint.

    What carries checksums was tried when it was installed; a folder without them is tried now, out of this process:
    native code that meets damaged data would take the device along.
    """
    model_files.check(folder)
    if not (folder / SUMS).is_file():
        trial(folder)


def bundled() -> Model:
    """Return the model that comes with the package."""
    return Model(name=BUNDLED, path=Path(__file__).with_name(BUNDLED), source=Source.BUNDLED)


def installed(store: Path | None = None) -> tuple[Model, ...]:
    """Return the installed models, the one last installed first (`newest_first` has the exact rule)."""
    return tuple(
        Model(name=path.name, path=path, source=Source.INSTALLED) for path in newest_first(store or store_dir())
    )


def resolve(
    explicit: str | None,
    configured: str | None,
    store: Path | None = None,
    *,
    registry: Mapping[str, KnownModel] = KNOWN,
) -> Model:
    """Return the model to use: `explicit` (`--model`), else `configured` (site file), else installed, else bundled.

    Either is a path if it contains a separator or is `.`, `..` or begins with `~`, else the name of an installed or
    the bundled model; empty or None is not given. Several installed: the one last installed (`installed`).
    `ModelError` if the one named is not there. `none` means no speech at all and is the caller's to handle.
    """
    if explicit:
        return _named(explicit, Source.EXPLICIT, store, registry)
    if configured:
        return _named(configured, Source.CONFIGURED, store, registry)
    return next(iter(installed(store)), bundled())


def listing(
    in_use: Model | None, store: Path | None = None, *, registry: Mapping[str, KnownModel] = KNOWN
) -> tuple[Listed, ...]:
    """Return the rows of `model list`: bundled, installed (newest first), known and not installed.

    `in_use` is what `resolve` said, None if it failed or speech is off; from outside the store it has its own row.
    """
    own, there = bundled(), installed(store)
    paths = {model.path: (model.name, State.INSTALLED) for model in there} | {own.path: (own.name, State.BUNDLED)}
    order = [own.path, *(model.path for model in there)]
    if in_use and in_use.path not in paths:
        paths[in_use.path] = (in_use.name, State.ELSEWHERE)
        order.append(in_use.path)
    rows = [
        Listed(
            name=paths[path][0],
            state=paths[path][1],
            path=path,
            size_bytes=sum(file.stat().st_size for file in path.rglob("*") if file.is_file()),
            is_in_use=in_use is not None and in_use.path == path,
        )
        for path in order
    ]
    names = {model.name for model in there}
    rows += [
        Listed(name=known.name, state=State.AVAILABLE, path=None, size_bytes=known.size_bytes, is_in_use=False)
        for known in registry.values()
        if known.name not in names
    ]
    return tuple(rows)


def install(
    path_or_name: str,
    store: Path | None = None,
    *,
    progress: Progress = lambda _done, _total: None,
    registry: Mapping[str, KnownModel] = KNOWN,
    trial: Callable[[Path], None] = try_in_vosk,
) -> Model:
    """Put a model into the store, verified, and return it: a known name, the path of a zip, or of a model folder.

    A known name is downloaded and must have the known size and SHA-256; so must a zip that calls itself by a known
    name (its file or its folder). Any other zip or folder is accepted if `check` and `trial` (which loads it in
    Vosk) pass. A model of the same name is replaced only then. `progress` gets bytes done and in all, from 0 again
    for each step (download, unpack). `ModelError` says what failed and what to do; nothing of the new model is left
    visible, but a download that broke off is kept to go on from.
    """
    store = store or store_dir()
    known = registry.get(path_or_name)
    source = expanded(Path(path_or_name))
    if not known and not is_there(source):
        names = ", ".join(registry)
        raise ModelError(f"{path_or_name}: is neither a file, a folder nor the name of a known model ({names})")
    try:
        with work_in(store) as work:
            fresh = work / "model"
            if known:
                from pi_companion.speech.model_download import download  # noqa: PLC0415 - six megabytes, for this alone

                name, part = known.name, store / ".download" / f"{known.name}.zip.part"
                download(known, part, progress)
                unpack(part, inspect(part), fresh, progress)
            elif is_folder(source):
                name = _new_name(source.resolve().name)
                copy(source, fresh, progress)
            else:
                name = _unpack_local(source, fresh, progress, registry)
            _verified(fresh, trial, says=path_or_name)
            placed = put_in_place(fresh, name, store)
            if known:
                part.unlink()
            return Model(name=name, path=placed, source=Source.INSTALLED)
    except OSError as error:
        raise ModelError(f"{error.filename or store}: {error.strerror or error}; nothing was installed") from error


def _named(given: str, source: Source, store: Path | None, registry: Mapping[str, KnownModel]) -> Model:
    if given in (".", "..") or given.startswith("~") or "/" in given or os.sep in given:
        path = expanded(Path(given))
        if not is_folder(path):
            raise ModelError(f"{given}: there is no such model folder ({source} model)")
        return Model(name=path.resolve().name, path=path, source=source)
    there = {model.name: model for model in (bundled(), *installed(store))}
    if given in there:
        return Model(name=given, path=there[given].path, source=source)
    if given in registry:
        advice = f"install it: `pi-companion model install {given}`"
    elif is_folder(Path(given)):
        advice = f"for the folder here write ./{given}"
    else:
        close = difflib.get_close_matches(given, [*there, *registry], n=1)
        advice = f"did you mean {close[0]}?" if close else f"installed: {', '.join(there)}"
    raise ModelError(f"{given}: this {source} model is not installed; {advice}")


def _unpack_local(archive: Path, fresh: Path, progress: Progress, registry: Mapping[str, KnownModel]) -> str:
    """Unpack a zip a person has; return the model's name: its top folder's, else the file's."""
    try:
        require_file(archive)
    except Unreadable as why:
        raise ModelError(f"{archive}: {why}") from None
    contents = inspect(archive)
    for called in (archive.stem, contents.top):
        if called in registry:
            verify(archive, registry[called], keep=True)
    name = _new_name(contents.top or archive.stem)
    unpack(archive, contents, fresh, progress)
    return name


def _new_name(name: str) -> str:
    if name == BUNDLED:
        raise ModelError(f"{name}: is the name of the bundled model; give the folder another name")
    if not NAME.fullmatch(name):
        raise ModelError(f"{name!r}: is no model name; use letters, digits, '.', '_' and '-'")
    return name


def _verified(fresh: Path, trial: Callable[[Path], None], *, says: str) -> None:
    try:
        model_files.check(fresh)
        trial(fresh)
    except ModelError as error:
        raise ModelError(str(error).replace(str(fresh), says)) from error
    write_sums(fresh)
