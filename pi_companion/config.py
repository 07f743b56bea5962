"""How is this desk set up? One TOML file a site, read, merged with a station's own, and written out again.

Limits and wording are not here: they belong to the rule pack, so that every desk coaches alike.
"""

import hashlib
import json
import os
from collections.abc import Mapping
from dataclasses import dataclass, field, fields, is_dataclass, replace
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Final

from pi_companion import schema
from pi_companion.core.declared import Field
from pi_companion.core.settings import Pack, Station, Token
from pi_companion.errors import ConfigError

SITE_VARIABLE: Final = "PI_COMPANION_SITE"
SYSTEM_SITE: Final = Path("/etc/pi-companion/site.toml")


class DisplayKind(StrEnum):
    """Controllers of 128x64 OLED panels."""

    SSD1306 = "ssd1306"
    SH1106 = "sh1106"


@dataclass(frozen=True, slots=True, kw_only=True)
class Speech:
    """Speech recognition."""

    model: Annotated[
        str, Field("name of an installed model, or a path; empty: the last one installed, else the bundled one")
    ] = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Audio:
    """The tap: a stereo sound card, left the agent, right the customer."""

    device: Annotated[str, Field("part of the card's name; empty: the only stereo input there is")] = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Display:
    """The OLED panel."""

    kind: Annotated[DisplayKind, Field("the panel's controller")] = DisplayKind.SSD1306
    i2c_address: Annotated[int, Field("most panels answer at 0x3C, some at 0x3D", 0x08, 0x77)] = 0x3C
    i2c_port: Annotated[int, Field("number of the I2C bus; on the pin header it is 1", 0, 20)] = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class PackChoice:
    """The rule pack."""

    file: Annotated[str, Field("path of a rule pack, from this file's folder; empty: the bundled IT-helpdesk one")] = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Site:
    """Everything that differs from desk to desk."""

    station_file: Annotated[
        str, Field("a second file whose [station] goes over this one's, from this file's folder; empty: none")
    ] = ""
    station: Station = field(default_factory=Station)
    speech: Speech = field(default_factory=Speech)
    audio: Audio = field(default_factory=Audio)
    display: Display = field(default_factory=Display)
    pack: PackChoice = field(default_factory=PackChoice)

    @property
    def pack_path(self) -> Path | None:
        """The rule pack's file; None: the bundled one."""
        return Path(self.pack.file) if self.pack.file else None


@dataclass(frozen=True, slots=True, kw_only=True)
class _Profile:
    """What a station file may hold."""

    station: Station


def load(path: Path | None = None, *, environ: Mapping[str, str] = os.environ, system: Path = SYSTEM_SITE) -> Site:
    """Return the effective settings: the file given, else $PI_COMPANION_SITE, else the system's, else defaults.

    The station file is merged and paths are resolved, so `station_file` comes back empty and `pack.file`
    absolute. Raises `ConfigError` with every complaint; a file that is named must be there.
    """
    named = path or (Path(environ[SITE_VARIABLE]) if environ.get(SITE_VARIABLE) else None)
    if named is None and not system.exists():
        return Site()
    return _read(named or system)


def merged_station(site: Site, overrides: Mapping[str, object], *, source: object = "call.toml") -> Station:
    """Return the site's station with some settings replaced, as a call folder may; raise `ConfigError` on mistakes."""
    station, complaints = schema.build(Station, {**_raw(site.station), **overrides}, table="station")
    if station is None:
        raise ConfigError(source, complaints)
    return station


def document(site: Site) -> str:
    """Return the settings as a site file that reads back to the same, every field with its meaning and range."""
    return f"# pi-companion site file: these are the settings in effect.\n\n{schema.document(site)}"


def sha256(site: Site, pack: Pack, station: Station | None = None) -> str:
    """Return the fingerprint of every setting that decides what the device does.

    `station`: the one in effect where it is not the site's. File names are left out: the pack is taken by
    content, and a model is named beside the fingerprint.
    """
    effective = replace(site, station=station or site.station, station_file="", speech=Speech(), pack=PackChoice())
    content = {
        "site": _plain(effective),
        "pack": _plain(pack),
    }
    canonical = json.dumps(content, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(canonical.encode()).hexdigest()


def _read(path: Path) -> Site:
    raw = schema.read_toml(path, ConfigError)
    profile_complaints: list[str] = []
    own = raw.get("station", {})
    if isinstance(profile := raw.get("station_file"), str) and profile:
        profile_path = path.parent / profile
        profile_raw = schema.read_toml(profile_path, ConfigError)
        _, complaints = schema.build(_Profile, profile_raw)
        profile_complaints = [f"station_file {profile}: {complaint}" for complaint in complaints]
        if not complaints and isinstance(own, Mapping) and isinstance(over := profile_raw["station"], Mapping):
            raw = {**raw, "station": {**own, **over}}
    site, complaints = schema.build(Site, raw)
    if site is None or profile_complaints:
        raise ConfigError(path, [*complaints, *profile_complaints])
    pack_file = str((path.parent / site.pack.file).resolve()) if site.pack.file else ""
    return replace(site, station_file="", pack=PackChoice(file=pack_file))


def _raw(settings: object) -> dict[str, object]:
    return {each.name: getattr(settings, each.name) for each in fields(settings)}  # type: ignore[arg-type]  # dataclasses only


def _plain(value: object) -> object:
    """Return settings as what JSON can say; a place of a phrase by the syllables that are right in it."""
    match value:
        case Token():
            right = sorted(sound for sound, cost in value.costs_pm.items() if cost == 0)
            return [value.is_optional, value.is_any, right]
        case Mapping():
            return {str(key): _plain(item) for key, item in value.items()}
        case frozenset():
            return sorted(value)
        case tuple():
            return [_plain(item) for item in value]
        case _ if is_dataclass(value):
            return {name: _plain(item) for name, item in _raw(value).items()}
        case _:
            return value
