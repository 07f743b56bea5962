"""How is this desk set up? One TOML file a site, read, merged with a station's own, and written out again.

Limits and wording belong to the rule pack, so that desks coach alike; a desk may set single limits otherwise.
"""

import hashlib
import json
import os
from collections.abc import Mapping
from dataclasses import dataclass, field, is_dataclass, replace
from pathlib import Path
from typing import Annotated, Any

import platformdirs

from pi_companion import schema
from pi_companion.core.declared import Field
from pi_companion.core.limits import Limits
from pi_companion.core.settings import Pack, Station, Token
from pi_companion.errors import ConfigError
from pi_companion.packs import Overrides, load_pack
from pi_companion.reading import is_there, resolved
from pi_companion.site.network import CHECKS, Mqtt, Update, Wifi
from pi_companion.site_file import SYSTEM_SITE, Display, place
from pi_companion.station_file import LEARNED


@dataclass(frozen=True, slots=True, kw_only=True)
class Speech:
    """Speech recognition."""

    model: Annotated[
        str, Field("name of an installed model, or a path; empty: the last one installed, else the bundled one")
    ] = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Audio:
    """The tap: a stereo sound card, left the agent, right the customer; or a card for each side."""

    device: Annotated[
        str,
        Field(
            "the card, or the agent's: part of its name, or its USB id as `pi-companion doctor` lists it; empty: the "
            "only one there is"
        ),
    ] = ""
    second_device: Annotated[
        str, Field("the customer's card where each side has one of its own; empty: `device` has both")
    ] = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class PackChoice:
    """The rule pack."""

    file: Annotated[str, Field("path of a rule pack, from this file's folder; empty: the bundled IT-helpdesk one")] = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class _SiteForm:
    """A site file as it is written."""

    station_file: Annotated[
        str,
        Field(
            "a second file, from this file's folder, whose [station] and [limits] go over this one's, and which the "
            "device keeps what it learns in; empty: it has one of its own"
        ),
    ] = ""
    station: Station = field(default_factory=Station)
    speech: Speech = field(default_factory=Speech)
    audio: Audio = field(default_factory=Audio)
    display: Display = field(default_factory=Display)
    pack: PackChoice = field(default_factory=PackChoice)
    wifi: Wifi = field(default_factory=Wifi)
    mqtt: Mqtt = field(default_factory=Mqtt)
    update: Update = field(default_factory=Update)
    limits: Limits = field(default_factory=Limits)


@dataclass(frozen=True, slots=True, kw_only=True)
class _StationForm:
    """A station file as it is written."""

    station: Station = field(default_factory=Station)
    limits: Limits = field(default_factory=Limits)


@dataclass(frozen=True, slots=True, kw_only=True)
class Site:
    """Everything that differs from desk to desk, as it is in effect; paths are absolute.

    `file`: where it was read from; None: defaults. `overrides`: limits that this desk sets otherwise than the rule
    pack does. A password that stands in the file is not in here.
    """

    station_file: str = ""
    station: Station = field(default_factory=Station)
    speech: Speech = field(default_factory=Speech)
    audio: Audio = field(default_factory=Audio)
    display: Display = field(default_factory=Display)
    pack: PackChoice = field(default_factory=PackChoice)
    wifi: Wifi = field(default_factory=Wifi)
    mqtt: Mqtt = field(default_factory=Mqtt)
    update: Update = field(default_factory=Update)
    overrides: Overrides | None = None
    file: Path | None = field(default=None, compare=False)

    @property
    def pack_path(self) -> Path | None:
        """The rule pack's file; None: the bundled one."""
        return Path(self.pack.file) if self.pack.file else None


def load(
    path: Path | None = None,
    *,
    environ: Mapping[str, str] = os.environ,
    system: Path = SYSTEM_SITE,
    is_live: bool = False,
) -> Site:
    """Return the effective settings: the file given, else $PI_COMPANION_SITE, else the system's, else defaults.

    The station file is merged: the one that the site file names, else, if `is_live`, the one in which the device
    keeps what it learns. Raises `ConfigError` with every complaint; a file that is named must be there.
    """
    file = place(path, environ=environ, system=system)
    raw = schema.read_toml(file, ConfigError) if file else {}
    station_file, own, station_complaints = "", {}, []
    if file and isinstance(profile := raw.get("station_file"), str) and profile:
        station_file = str(resolved(file.parent / profile))
        own = schema.read_toml(file.parent / profile, ConfigError)
        complaints = schema.build(_StationForm, own)[1]
        station_complaints = [f"station_file {profile}: {complaint}" for complaint in complaints]
    elif is_live and is_there(learned := station_path(Site(), environ=environ)):
        own = schema.read_toml(learned, ConfigError)
        station_complaints = [f"{learned}: {complaint}" for complaint in _unlearnable(own)]
    form, complaints = schema.build(_SiteForm, raw if station_complaints else _over(raw, own), checks=CHECKS)
    if form is None or station_complaints:
        raise ConfigError(file or "settings", [*complaints, *station_complaints])
    limits_files = [name for name, each in ((file, raw), (station_file, own)) if name and each.get("limits")]
    merged: Any = _over(raw.get("limits", {}), own.get("limits", {}))
    return Site(
        station_file=station_file,
        station=form.station,
        speech=form.speech,
        audio=form.audio,
        display=form.display,
        pack=PackChoice(file=str(resolved(file.parent / form.pack.file))) if file and form.pack.file else form.pack,
        wifi=replace(form.wifi, password=""),
        mqtt=replace(form.mqtt, password="", calibration_key=""),
        update=form.update,
        overrides=Overrides(limits=merged, source=" and ".join(map(str, limits_files))) if merged else None,
        file=file,
    )


def station_path(site: Site, *, environ: Mapping[str, str] = os.environ) -> Path:
    """Return the file in which the device keeps what it learns at its desk.

    The site's station file, else one in the state directory: $STATE_DIRECTORY as systemd gives it, else the user's.
    """
    return Path(site.station_file) if site.station_file else state_folder(environ) / "station.toml"


def state_folder(environ: Mapping[str, str] = os.environ) -> Path:
    """Return where the device keeps what lasts: $STATE_DIRECTORY as systemd gives it, else the user's folder."""
    given = environ.get("STATE_DIRECTORY", "").partition(":")[0]  # systemd gives several, colons between them
    return Path(given) if given else platformdirs.user_state_path("pi-companion")


def pack_of(site: Site, station: Station | None = None) -> Pack:
    """Return the rule pack of a site, with the limits that its desk sets otherwise.

    `station`: the one in effect where it is not the site's. Raises `PackError` or `ConfigError`, whichever file has
    the mistakes.
    """
    return load_pack(site.pack_path, names=(station or site.station).names, overrides=site.overrides)


def with_limits(site: Site, limits: Mapping[str, Any], *, source: str) -> Site:
    """Return the site with some more limits set otherwise than in its pack, as a call folder may."""
    if not limits:
        return site
    below, files = ({}, []) if site.overrides is None else (site.overrides.limits, [site.overrides.source])
    return replace(site, overrides=Overrides(limits=_over(below, limits), source=" and ".join([*files, source])))


def merged_station(site: Site, overrides: Mapping[str, object], *, source: object = "call.toml") -> Station:
    """Return the site's station with some settings replaced, as a call folder may; raise `ConfigError` on mistakes."""
    station, complaints = schema.build(Station, {**schema.values(site.station), **overrides}, table="station")
    if station is None:
        raise ConfigError(source, complaints)
    return station


def document(site: Site) -> str:
    """Return the settings as a site file that reads back to the same, every field with its meaning and range."""
    fields = {name: value for name, value in schema.values(site).items() if name not in {"overrides", "file"}}
    form = _SiteForm(**fields)  # type: ignore[arg-type]  # the fields of a site
    shown: dict[str, object] = dict.fromkeys(fields)
    text = f"# pi-companion site file: these are the settings in effect.\n\n{schema.document(form, only=shown)}"
    if site.overrides is None:
        return f"{text}\n# Every limit is the rule pack's. To set one otherwise here, write it below [limits.GROUP].\n"
    limits = schema.document(_in_force(site.overrides), table="limits", only=site.overrides.limits)
    return f"{text}\n# Limits that are set otherwise than in the rule pack; all others are the pack's.\n{limits}"


def sha256(site: Site, pack: Pack, station: Station | None = None) -> str:
    """Return the fingerprint of every setting that decides what the device does.

    `station`: the one in effect where it is not the site's. File names are left out: the pack is taken by
    content, the desk's own limits in it, and a model is named beside the fingerprint.
    """
    content = {
        "site": _plain({"station": station or site.station, "audio": site.audio, "display": site.display}),
        "pack": _plain(pack),
    }
    canonical = json.dumps(content, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(canonical.encode()).hexdigest()


def _over(below: Any, above: Any) -> Any:  # noqa: ANN401 - TOML: tables in tables
    """Return tables with others over them; what is no table is replaced."""
    if not isinstance(below, Mapping) or not isinstance(above, Mapping):
        return above
    return {**below, **{name: _over(below.get(name), value) for name, value in above.items()}}


def _unlearnable(own: Mapping[str, object]) -> list[str]:
    """Return what does not belong into a file in which the device keeps what it learned."""
    complaints = [f"{name}: unknown{schema.suggestion(name, ['station'])}" for name in own if name != "station"]
    station = own.get("station", {})
    if not isinstance(station, Mapping):
        return [*complaints, f"station: found {schema.as_toml(station)}; allowed: a table"]
    complaints += [
        f"station.{name}: unknown{schema.suggestion(name, LEARNED)}" for name in station if name not in LEARNED
    ]
    learned = {name: value for name, value in station.items() if name in LEARNED}
    return [*complaints, *schema.build(Station, learned, table="station")[1]]


def _in_force(overrides: Overrides) -> Limits:
    limits, _ = schema.build(Limits, overrides.limits)
    return limits or Limits()


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
            return {name: _plain(item) for name, item in schema.values(value).items()}
        case _:
            return value
