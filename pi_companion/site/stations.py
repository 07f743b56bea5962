"""Who sits at which station? `stations.toml` says it by harness code; a unit becomes the one it is plugged into.

    [station.12]
    agent_name = "小李"
    extension = "8012"

A station has every setting of the site file's [station], over what stands there, and a `number`: what people call it.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from pi_companion import reading, schema
from pi_companion.core.harness import CODES
from pi_companion.core.settings import Station
from pi_companion.errors import ConfigError
from pi_companion.reading import is_there
from pi_companion.site import sealing
from pi_companion.station_file import LEARNED, edited

FILE: Final = "stations.toml"
SEALED: Final = "stations"
"""Where the kept copy has each station by itself, sealed."""

MOST_REVISIONS: Final = 10**9

LONGEST_NUMBER: Final = 4
"""Characters that fit beside a name on the OLED."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Profile:
    """A station as its harness code makes it. `number`: what people call it; `settings`: over the site's own."""

    code: int
    number: str
    settings: Mapping[str, object]


def read(path: Path, station: Station) -> tuple[dict[int, Profile], list[str]]:
    """Return the profiles of a `stations.toml` by code, and every complaint about it. `station`: the site's own.

    Raises `ConfigError` if it is not TOML.
    """
    raw = schema.read_toml(path, ConfigError)
    complaints = [f"{name}: unknown{schema.suggestion(name, ['station'])}" for name in raw if name != "station"]
    tables = raw.get("station", {})
    if not isinstance(tables, Mapping):
        return {}, [*complaints, f"station: found {schema.as_toml(tables)}; allowed: tables like [station.12]"]
    profiles = {}
    for name, table in tables.items():
        profile, found = _profile(str(name), table, station)
        complaints += found
        if profile is not None:
            profiles[profile.code] = profile
    return profiles, complaints + _twice(profiles.values())


def merged(profile: Profile, station: Station) -> Station:
    """Return the station that a profile makes of the site's own. Raises `ConfigError` if it does not fit any more."""
    found, complaints = schema.build(Station, {**schema.values(station), **profile.settings}, table="station")
    if found is None:
        raise ConfigError(f"station {profile.number}", complaints)
    return found


def write_sealed(folder: Path, profiles: Iterable[Profile], key: bytes) -> None:
    """Seal each profile by itself in a folder. Raises OSError."""
    for profile in profiles:
        lines = [f"{name} = {schema.as_toml(value)}" for name, value in profile.settings.items()]
        sealing.seal(_sealed(folder, profile.code), "\n".join([f'number = "{profile.number}"', *lines]), key, 0o640)


def read_sealed(folder: Path, code: int, key: bytes) -> Profile | None:
    """Return the profile of a code, or None if the site has none. Raises `ConfigError` if it cannot be opened."""
    path = _sealed(folder, code)
    if not is_there(path):
        return None
    settings: dict[str, Any] = reading.toml(sealing.unseal(path, key))
    return Profile(code=code, number=settings.pop("number"), settings=settings)


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """What is known of a station. `revision`: counts its changes, over all units that were there; 0: none ever was."""

    revision: int = 0
    learned: Mapping[str, int] = field(default_factory=dict)


class Record:
    """What one unit has learned at one station: a file of its own, sealed. `path` may not be there yet."""

    def __init__(self, state: Path, code: int) -> None:
        self._key, self._path, self._code = state / "key", state / SEALED / f"{code}.sealed", code

    def learned(self) -> dict[str, int]:
        """Return what was learned there; nothing if this unit has never been there, or the record is damaged."""
        return dict(self.known().learned)

    def known(self) -> "Known":
        """Return what was learned there, and how often that was changed since a unit was there first."""
        if not is_there(self._path):
            return Known()
        try:
            return known_in(sealing.unseal(self._path, sealing.key_at(self._key)))
        except ConfigError:
            return Known()  # a calibration that cannot be read is one that has to be learned again

    def document(self) -> dict[str, object]:
        """Return what is known, for `status`: numbers alone."""
        known = self.known()
        return {"code": self._code, "revision": known.revision, "learned": dict(known.learned)}

    def store(self, learned: Mapping[str, int]) -> bool:
        """Keep more of it, whole or not at all; return whether that changed anything. Raises `ConfigError`."""
        before = self.known()
        after = {**before.learned, **learned}
        if after == before.learned:
            return False
        self.take(Known(revision=before.revision + 1, learned=after))
        return True

    def take(self, known: "Known") -> None:
        """Keep what a unit knew that was here before, in place of this unit's own. Raises `ConfigError`."""
        text = f"revision = {known.revision}\n{edited(self._path, '', known.learned)}"
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            sealing.seal(self._path, text, sealing.key_at(self._key))
        except OSError as error:
            raise ConfigError(self._path, [f"cannot be written: {error.strerror}; what was learned is lost"]) from error


def learned_in(text: str) -> dict[str, int]:
    """Return the settings of `LEARNED` that a station file says. Raises `ConfigError` if it says anything else."""
    try:
        raw = reading.toml(text)
    except reading.Unreadable as why:
        raise ConfigError("calibration", [str(why)]) from None
    station = raw.pop("station", {})
    if raw:
        raise ConfigError("calibration", [f"{name}: is nothing that a device learns" for name in raw])
    return checked(station)


def known_in(text: str) -> Known:
    """Return what a record says. Raises `ConfigError` if it says anything else."""
    try:
        raw = reading.toml(text)
    except reading.Unreadable as why:
        raise ConfigError("record", [str(why)]) from None
    revision = raw.pop("revision", 1)
    if type(revision) is not int or not 0 < revision <= MOST_REVISIONS or set(raw) != {"station"}:
        raise ConfigError("record", ["is no record of a station"])
    return Known(revision=revision, learned=checked(raw["station"]))


def checked(learned: object) -> dict[str, int]:
    """Return settings of `LEARNED`, each in its range. Raises `ConfigError` if it is anything else."""
    if not isinstance(learned, Mapping):
        raise ConfigError("calibration", ["is no table"])
    if wrong := [name for name in learned if name not in LEARNED]:
        raise ConfigError("calibration", [f"{name}: is nothing that a device learns" for name in wrong])
    found, complaints = schema.build(Station, learned, table="station")
    if found is None:
        raise ConfigError("calibration", complaints)
    return {name: getattr(found, name) for name in learned}


def _sealed(folder: Path, code: int) -> Path:
    return folder / SEALED / f"{code}.sealed"


def _profile(name: str, table: object, station: Station) -> tuple[Profile | None, list[str]]:
    place = f"station.{name}"
    if not name.isdecimal() or int(name) not in CODES:
        return None, [f"{place}: no harness has this code; allowed: {', '.join(map(str, CODES))}"]
    if not isinstance(table, Mapping):
        return None, [f"{place}: found {schema.as_toml(table)}; allowed: a table"]
    settings = {key: value for key, value in table.items() if key != "number"}
    number = table.get("number", name)
    complaints = []
    if not isinstance(number, str) or not 0 < len(number) <= LONGEST_NUMBER:
        complaints.append(f"{place}.number: found {schema.as_toml(number)}; allowed: 1 to {LONGEST_NUMBER} characters")
    # Each of its own first: what stands in the site file is complained about there.
    _, found = schema.build(Station, settings, table=place)
    complaints += [each.replace(": unknown; known here", ": unknown; known here: number") for each in found]
    if complaints:
        return None, complaints
    profile = Profile(code=int(name), number=str(number), settings=settings)
    merged(profile, station)
    return profile, []


def _twice(profiles: Iterable[Profile]) -> list[str]:
    seen: dict[str, int] = {}
    return [
        f'station.{each.code}.number: "{each.number}" is that of station.{seen[each.number]}; allowed: another one'
        for each in profiles
        if seen.setdefault(each.number, each.code) != each.code
    ]
