"""Which station does a unit begin as? The one that its harness names, in the site that it took; else nobody's.

A unit that knows stations keeps what it learns at each in that station's own record; one without stations is a desk of
its own, as ever.
"""

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

from pi_companion import config, schema
from pi_companion.core import notices
from pi_companion.core.attended import Seat
from pi_companion.core.harness import HarnessChanged
from pi_companion.core.settings import Station
from pi_companion.core.states import Screen
from pi_companion.errors import ConfigError
from pi_companion.site import sealing, stations
from pi_companion.site.taking import complaints_in
from pi_companion.site_file import KEY
from pi_companion.station_file import Keep, store


@dataclass(frozen=True, slots=True, kw_only=True)
class Identity:
    """What a unit begins as. `keep`: where what it learns goes; `record`: the station's own, if it is at one."""

    site: config.Site
    seat: Seat
    keep: Keep
    record: stations.Record | None = None


def settle(
    site_file: Path | None,
    read_harness: Callable[[], HarnessChanged],
    *,
    run: Path | None = None,
    result: Screen | None = None,
    environ: Mapping[str, str] = os.environ,
) -> Identity:
    """Return what the unit begins as.

    `run`: where it may stand what is wrong with the settings; `result`: how what was done before has ended.
    `read_harness` is asked only where the site knows stations. Raises `ConfigError` with every complaint.
    """
    site = config.load(site_file, environ=environ)
    wrong = complaints_in(run) if run else []
    is_kept = site.file is not None
    told = tuple(
        notices.wrong_settings(each.file, each.line, each.key, number, len(wrong), is_kept=is_kept)
        for number, each in enumerate(wrong, 1)
    )
    seat = Seat(notices=told, result=result)
    folder = site.file.parent if site.file else None
    if folder is None or not knows_stations(folder):
        learned = config.load(site_file, is_live=True, environ=environ)
        return Identity(site=learned, seat=seat, keep=partial(store, config.station_path(learned, environ=environ)))
    code = read_harness().code
    profile = None if code is None else _profile(folder, code, site.station)
    if profile is None:
        nobody = replace(site, station=replace(site.station, agent_name="", extension=""))
        return Identity(site=nobody, seat=replace(seat, has_stations=True, code=code), keep=lambda _learned: None)
    record = stations.Record(config.state_folder(environ), profile.code)
    station, complaints = schema.build(
        Station, {**schema.values(stations.merged(profile, site.station)), **record.learned()}, table="station"
    )
    if station is None:
        raise ConfigError(f"station {profile.number}", complaints)
    return Identity(
        site=replace(site, station=station),
        seat=replace(seat, has_stations=True, code=code, number=profile.number),
        keep=record.store,
        record=record,
    )


def knows_stations(folder: Path) -> bool:
    """Return whether the site in a folder tells stations apart."""
    return (folder / stations.FILE).is_file() or any((folder / stations.SEALED).glob("*.sealed"))


def _profile(folder: Path, code: int, station: Station) -> stations.Profile | None:
    """Return a station's profile, from its sealed record or, on a desk set up by hand, from the plain file."""
    if (folder / stations.FILE).is_file():
        found, complaints = stations.read(folder / stations.FILE, station)
        if complaints:
            raise ConfigError(folder / stations.FILE, complaints)
        return found.get(code)
    return stations.read_sealed(folder, code, sealing.key_at(folder.parent / KEY, 0o640))
