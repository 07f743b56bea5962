"""Where does a desk keep what was measured at it? In its station file, whose other lines stay as a person wrote them.

What is kept is the station's: distances, levels and rhythms, never who sat there.
"""

import tempfile
import tomllib
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from types import TracebackType
from typing import Final, Self

import tomlkit
from tomlkit.exceptions import TOMLKitError

from pi_companion import reading, schema
from pi_companion.errors import ConfigError
from pi_companion.reading import is_there
from pi_companion.writing import replace_file

LEARNED: Final = ("ring_period_ms", "mute_pulse_ms", "seat_upright_mm", "speaking_dbfs", "pace_pct")
"""Settings of a station that the device finds out by itself, or by `pi-companion calibrate` and `board`."""

_HEADING: Final = (
    "What pi-companion learned at this desk. `pi-companion config show` says what it means; "
    "`pi-companion calibrate` measures anew."
)


def store(path: Path, learned: Mapping[str, int]) -> bool:
    """Write settings of `LEARNED` into the [station] of a file, made if missing; return whether that changed it.

    The file appears whole or stays as it was, power loss included. Raises `ConfigError` if it is not TOML or cannot
    be written.
    """
    if unknown := set(learned) - set(LEARNED):
        raise ValueError(f"not learned: {', '.join(sorted(unknown))}")
    place = reading.resolved(path)  # a link stays a link
    was_there = is_there(place)
    before = schema.read_toml(place, ConfigError) if was_there else {}
    station = before.get("station", {})
    if not isinstance(station, Mapping):
        raise ConfigError(path, [f"station: found {schema.as_toml(station)}; allowed: a table"])
    after = {**before, "station": {**station, **learned}}
    if after == before:
        return False
    text = edited(path, _text(place) if was_there else f"# {_HEADING}\n", learned)
    if tomllib.loads(text) != after:
        raise ConfigError(path, ["cannot be changed without touching other lines; write [station] as a plain table"])
    try:
        place.parent.mkdir(parents=True, exist_ok=True)
        replace_file(place, text.encode(), place.stat().st_mode & 0o777 if was_there else 0o644)
    except OSError as error:
        raise _unwritable(path, error) from error
    return True


def require_writable(path: Path) -> None:
    """Raise `ConfigError` now if `store` could not write a file later: two minutes of work would be lost."""
    place = reading.resolved(path)
    if is_there(place):
        schema.read_toml(place, ConfigError)
    try:
        place.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=place.parent):
            pass
    except OSError as error:
        raise _unwritable(path, error) from error


def _unwritable(path: Path, error: OSError) -> ConfigError:
    return ConfigError(path, [f"cannot be written: {error.strerror}; what was learned at this desk is not kept"])


Keep = Callable[[Mapping[str, int]], object]
"""Stores settings of `LEARNED` somewhere; raises `ConfigError` if that is impossible."""


class Keeper:
    """Stores what is learned while nobody waits for it; `complain` hears once if that is impossible.

    `keep` None: nothing is kept. Use it as a context manager: it ends when all is written.
    """

    def __init__(self, keep: Keep | None, complain: Callable[[str], None]) -> None:
        self._keep, self._complain = keep, complain
        self._has_complained = False
        self._writing = ThreadPoolExecutor(max_workers=1, thread_name_prefix="station file")

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._writing.shutdown()

    def keep(self, learned: Mapping[str, int]) -> None:
        """Have settings of `LEARNED` stored: a card may take long to write, and a call does not wait."""
        if self._keep is not None:
            self._writing.submit(self._store, self._keep, learned)

    def _store(self, keep: Keep, learned: Mapping[str, int]) -> None:
        try:
            keep(learned)
        except ConfigError as error:
            if not self._has_complained:
                self._has_complained = True
                self._complain(str(error))


def _text(place: Path) -> str:
    """Return a file that was read before, its line ends as they are."""
    try:
        return reading.contents(place, reading.MOST_SETTINGS_BYTES).decode()
    except (reading.Unreadable, UnicodeDecodeError):
        raise ConfigError(place, ["changed while it was read; try again"]) from None


def edited(path: Path, text: str, learned: Mapping[str, int]) -> str:
    """Return a station file's text with settings learned in its [station]. Raises `ConfigError` if that cannot be."""
    try:
        document = tomlkit.parse(text)
        if "station" not in document:
            document["station"] = tomlkit.table()
        station = document["station"]
        for name, value in learned.items():
            station[name] = value
    except TOMLKitError as error:
        raise ConfigError(path, [f"cannot be changed: {error}"]) from error
    return tomlkit.dumps(document)
