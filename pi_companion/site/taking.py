"""What does a unit take from its boot partition at each start? A site without mistakes, or the last good one stays.

    boot partition                         data partition
    companion/site.toml      ─ checked ─▶  current ─▶ taken.N/site.toml      as IT wrote it, passwords apart
    companion/stations.toml                           taken.N/stations/12.sealed, one for each station
    companion/pack.toml                               taken.N/pack.toml, whatever the site file calls it
                                                           taken.N/secrets/wifi_password and the like: root's alone

`current` is a link that is replaced in one step: whatever is cut short, the unit starts with a whole site, old or new,
and with the passwords that belong to it. What is wrong with the new one is left where the service finds it, and told on
the OLED; its passwords wait in `pending`, off the boot partition, for a file without mistakes. IT need not write them
again; who puts the old file back has the old passwords back.
"""

import hashlib
import json
import shutil
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final

from pi_companion import __version__, config, reading
from pi_companion.adapters import gallery
from pi_companion.core.states import Screen
from pi_companion.errors import ConfigError, InputError
from pi_companion.site import network, secrets, stations
from pi_companion.site.places import Complaint, located
from pi_companion.site.sealing import key_at
from pi_companion.site_file import COMPLAINTS, CURRENT, KEY
from pi_companion.writing import replace_file, sync_folder

SITE: Final = "site.toml"
SECRETS: Final = "secrets"
PENDING: Final = "pending"
FLEET: Final = "fleet"
"""Is there where the site names a broker."""

UPDATE: Final = "update"
"""Is there where the site names an update server."""

WIFI: Final = "wifi.conf"
"""For wpa_supplicant, root's alone; is there where the site names a network."""

MOST_TOLD: Final = 20

_TAKEN: Final = "taken."
_FINGERPRINT: Final = "fingerprint"
_MOST_BYTES: Final = 64 << 10


@dataclass(frozen=True, slots=True, kw_only=True)
class Taken:
    """What came of it. `is_new`: another site than before is in effect; `is_kept`: one that was taken is in effect."""

    complaints: tuple[Complaint, ...]
    moved: tuple[str, ...]
    is_new: bool
    is_kept: bool


def take(boot: Path, data: Path, run: Path, step: secrets.Step = lambda _done: None) -> Taken:
    """Take the site in the folder `boot` into `data`; leave what is wrong with it in `run`.

    Raises OSError if the data partition cannot be written.
    """
    data.mkdir(parents=True, exist_ok=True)
    complaints, moved, is_new = [], [], False
    if (boot / SITE).exists():
        current, pending, digest = data / CURRENT, data / PENDING, _digest(boot)
        if _known_as(current)[:1] == [digest] != _known_as(pending)[:1]:
            shutil.rmtree(pending, ignore_errors=True)  # of a file that IT has taken back
        kept, wrong = secrets.stored(current / SECRETS), []
        try:
            moved = _set_aside(boot / SITE, pending, digest, kept, step)
        except InputError as error:
            wrong = _of(error, boot, SITE)
        except OSError as error:  # of the boot partition, which hinders no site
            told = f"passwords cannot be taken out: {error.strerror}"
            complaints = [Complaint(file=SITE, line=0, key="", told=told)]
        passwords = kept | secrets.stored(pending)
        is_other = _known_as(current) != [digest, __version__] or passwords != kept
        if is_other:
            wrong += check(boot, passwords)
        is_new = is_other and not wrong
        if is_new:
            _install(boot, data, digest, passwords, step)
        if not wrong:
            shutil.rmtree(pending, ignore_errors=True)
            _leave_only(current, data)
        complaints = list(dict.fromkeys([*complaints, *wrong]))
    _call_for_networks(data, run)
    if run.is_dir():
        told = json.dumps([asdict(each) for each in complaints[:MOST_TOLD]], ensure_ascii=False)
        replace_file(run / COMPLAINTS, told.encode(), 0o644)
    return Taken(
        complaints=tuple(complaints), moved=tuple(moved), is_new=is_new, is_kept=(data / CURRENT / SITE).exists()
    )


def _call_for_networks(data: Path, run: Path) -> None:
    """Let Wi-Fi, telemetry and updates start where the site names them; systemd hands them their passwords."""
    kept = data / CURRENT / SITE
    if not kept.exists() or not run.is_dir():
        return
    site = config.load(kept)
    if site.wifi.ssid:
        # One that was never given is an open network's.
        password = secrets.stored(data / CURRENT / SECRETS).get("wifi_password", "")
        replace_file(run / WIFI, network.wpa_supplicant(site.wifi, password).encode(), 0o600)
    if site.mqtt.host:
        (run / FLEET).touch()
    if site.update.url:
        (run / UPDATE).touch()


def check(boot: Path, passwords: Mapping[str, str] = MappingProxyType({})) -> list[Complaint]:
    """Return every mistake in a site: its file, its stations, its rule pack and whether all of it fits the OLED.

    `passwords`: those that were taken out of it.
    """
    try:
        site = config.load(boot / SITE)
    except InputError as error:
        return _of(error, boot, SITE)
    complaints = _of(ConfigError(SITE, [*_misplaced(site, boot), *_about(passwords, site)]), boot, SITE)
    own: dict[int, stations.Profile] = {}
    if (boot / stations.FILE).exists():
        try:
            own, wrong = stations.read(boot / stations.FILE, site.station)
        except InputError as error:
            wrong = list(error.complaints)
        complaints += _of(ConfigError(stations.FILE, wrong), boot, stations.FILE)
    pack_file = site.pack_path.name if site.pack_path else SITE
    try:
        pack = config.pack_of(site)
    except InputError as error:
        return [*complaints, *_of(error, boot, pack_file)]
    complaints += _of(ConfigError(pack_file, gallery.complaints(pack, site.station)), boot, pack_file)
    known = set(gallery.checked(pack, site.station).values())
    unfit = [each for profile in own.values() for each in _unfit(profile, site, known)]
    return [*complaints, *_of(ConfigError(stations.FILE, unfit), boot, stations.FILE)]


def complaints_in(run: Path) -> list[Complaint]:
    """Return what was wrong with the site at this start; nothing if nobody has looked."""
    try:
        found: Any = json.loads(reading.text(run / COMPLAINTS, _MOST_BYTES))
        return [Complaint(**{name: each[name] for name in ("file", "line", "key", "told")}) for each in found]
    except (reading.Unreadable, ValueError, TypeError, KeyError):
        return []


def _set_aside(site: Path, pending: Path, digest: str, kept: Mapping[str, str], step: secrets.Step) -> list[str]:
    """Move a file's passwords to where they wait for it to be in effect; return the names of those that were moved."""
    if secrets.held(site):
        pending.mkdir(mode=0o700, exist_ok=True)
        replace_file(pending / _FINGERPRINT, digest.encode(), 0o600)
    return secrets.move(site, pending, step, known=kept.values())


def _about(passwords: Mapping[str, str], site: config.Site) -> list[str]:
    """Return what is wrong with the passwords that this site would have."""
    asked = (
        ("wifi", "password", site.wifi.ssid, 8, 63),
        ("mqtt", "calibration_key", site.mqtt.host, network.SHORTEST_KEY, 1000),
    )
    return [
        f"{table}.{name}: the one that was taken has {length} characters; allowed: {least} to {most}; write it anew"
        for table, name, is_used, least, most in asked
        if is_used and (length := len(passwords.get(f"{table}_{name}", ""))) and not least <= length <= most
    ]


def _misplaced(site: config.Site, boot: Path) -> list[str]:
    """Return which files are not where a unit takes them from."""
    found = []
    if site.station_file:
        found.append(f"station_file: leave it out; what a station has of its own stands in {stations.FILE}")
    if site.pack_path and site.pack_path.parent != reading.resolved(boot):
        found.append(f"pack.file: found {site.pack_path.name} elsewhere; put it into this file's folder")
    for table, name in (("mqtt", site.mqtt.ca_file), ("update", site.update.ca_file)):
        if name and ("/" in name or not (boot / name).is_file()):
            found.append(f"{table}.ca_file: there is no {name} in this file's folder")
    return found


def _unfit(profile: stations.Profile, site: config.Site, known: set[Screen]) -> list[str]:
    """Return what of a station's names does not fit the OLED; `known`: screens that were tried."""
    station = stations.merged(profile, site.station)
    drawn = gallery.complaints(config.pack_of(site, station), station, known)
    return [f"station.{profile.code}: its names do not fit the screens: {told}" for told in drawn[:1]]


def _of(error: InputError, boot: Path, file: str) -> list[Complaint]:
    try:
        text = reading.text(boot / file, reading.MOST_SETTINGS_BYTES)
    except reading.Unreadable:
        text = ""
    return located(error, file, text)


def _known_as(folder: Path) -> list[str]:
    """Return by which digest a folder's site is known, and which version checked it; empty if that is not known."""
    try:
        return (folder / _FINGERPRINT).read_text(encoding="ascii").split()
    except (OSError, UnicodeDecodeError):
        return []


def _install(boot: Path, data: Path, digest: str, passwords: Mapping[str, str], step: secrets.Step) -> None:
    """Put a checked site in effect, with its passwords."""
    text = secrets.without(_content(boot / SITE).decode())
    site = config.load(boot / SITE)
    number = 1 + max((int(path.name.removeprefix(_TAKEN)) for path in _all_taken(data)), default=0)
    folder = data / f"{_TAKEN}{number}"
    (folder / stations.SEALED).mkdir(parents=True)
    if (boot / stations.FILE).is_file():
        own, _ = stations.read(boot / stations.FILE, site.station)
        stations.write_sealed(folder, own.values(), key_at(data / KEY, 0o640))
    for name in _other_files(site):
        replace_file(folder / name, _content(boot / name), 0o640)
    replace_file(folder / SITE, text.encode(), 0o640)
    secrets.store_all(folder / SECRETS, passwords)
    replace_file(folder / _FINGERPRINT, f"{digest} {__version__}".encode(), 0o640)
    step("written")
    link = data / f".{CURRENT}.partial"
    link.unlink(missing_ok=True)
    link.symlink_to(folder.name)
    link.replace(data / CURRENT)
    sync_folder(data)
    step("in effect")


def _leave_only(current: Path, data: Path) -> None:
    """Delete every site that was taken but the one in effect."""
    for old in _all_taken(data):
        if current.is_symlink() and old.name != current.readlink().name:
            shutil.rmtree(old, ignore_errors=True)


def _all_taken(data: Path) -> list[Path]:
    return [path for path in data.glob(f"{_TAKEN}*") if path.name.removeprefix(_TAKEN).isdecimal()]


def _content(path: Path) -> bytes:
    return reading.contents(path, reading.MOST_SETTINGS_BYTES)


def _other_files(site: config.Site) -> list[str]:
    named = (site.pack_path.name if site.pack_path else "", site.mqtt.ca_file, site.update.ca_file)
    return [name for name in dict.fromkeys(named) if name]


def _digest(boot: Path) -> str:
    """Return what a site is known by: all of its folder, passwords apart."""
    digest = hashlib.sha256()
    for path in sorted(boot.glob("*.*")):
        if path.is_file() and not path.name.startswith("."):
            content = _content(path)
            with suppress(UnicodeDecodeError, InputError):
                content = secrets.without(content.decode()).encode() if path.name == SITE else content
            for part in (path.name.encode(), content):
                digest.update(len(part).to_bytes(8, "big") + part)
    return digest.hexdigest()
