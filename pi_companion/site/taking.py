"""What does a unit take from its boot partition at each start? A site without mistakes, or the last good one stays.

    boot partition                         data partition
    companion/site.toml      ─ checked ─▶  current ─▶ taken.N/site.toml      as IT wrote it, passwords apart
    companion/stations.toml                           taken.N/stations/12.sealed, one for each station
    companion/pack.toml                               taken.N/pack.toml, whatever the site file calls it
                             ─ moved ───▶  secrets/wifi_password and the like: root's alone

`current` is a link that is replaced in one step: whatever is cut short, the unit starts with a whole site, old or new.
What is wrong with the new one is left where the service finds it, and told on the OLED.
"""

import hashlib
import json
import shutil
from collections.abc import Callable
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path
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
    site, complaints, moved, is_new = boot / SITE, [], [], False
    if site.exists():
        try:
            moved = secrets.move(site, data / SECRETS, step)
        except InputError as error:
            complaints = _of(error, boot, SITE)
        except OSError as error:
            told = f"passwords cannot be taken out: {error.strerror}"
            complaints = [Complaint(file=SITE, line=0, key="", told=told)]
        fingerprint = _fingerprint(boot)
        if not _is_in_effect(data, fingerprint):
            wrong = check(boot)
            complaints = list(dict.fromkeys([*complaints, *wrong]))
            is_new = not wrong
            if is_new:
                _install(boot, data, fingerprint, step)
        complaints += _of(ConfigError(SITE, _about_kept(data / SECRETS)), boot, SITE)
    _call_for_networks(data, run)
    if run.is_dir():
        told = json.dumps([asdict(each) for each in complaints[:MOST_TOLD]], ensure_ascii=False)
        replace_file(run / COMPLAINTS, told.encode(), 0o644)
    return Taken(
        complaints=tuple(complaints), moved=tuple(moved), is_new=is_new, is_kept=(data / CURRENT / SITE).exists()
    )


def _call_for_networks(data: Path, run: Path) -> None:
    """Let Wi-Fi, telemetry and updates start where the site names them; systemd hands them their passwords."""
    kept, store = data / CURRENT / SITE, data / SECRETS
    if not kept.exists() or not run.is_dir():
        return
    site = config.load(kept)
    if site.wifi.ssid:
        password = ""
        with suppress(OSError):  # one that was never given is an open network's
            password = (store / "wifi_password").read_text(encoding="ascii")
        replace_file(run / WIFI, network.wpa_supplicant(site.wifi, password).encode(), 0o600)
    if site.mqtt.host:
        for name in ("mqtt_password", "mqtt_calibration_key"):
            if not (store / name).exists():
                store.mkdir(mode=0o700, exist_ok=True)
                replace_file(store / name, b"", 0o600)
        (run / FLEET).touch()
    if site.update.url:
        (run / UPDATE).touch()


def check(boot: Path) -> list[Complaint]:
    """Return every mistake in a site: its file, its stations, its rule pack and whether all of it fits the OLED."""
    try:
        site = config.load(boot / SITE)
    except InputError as error:
        return _of(error, boot, SITE)
    complaints = _of(ConfigError(SITE, _misplaced(site, boot)), boot, SITE)
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


def _about_kept(store: Path) -> list[str]:
    """Return what is wrong with the passwords that the device has by now."""
    allowed = {"wifi.password": (8, 63), "mqtt.calibration_key": (network.SHORTEST_KEY, 1000)}
    found = []
    for name, (least, most) in allowed.items():
        with suppress(OSError):
            length = (store / name.replace(".", "_")).stat().st_size
            if not least <= length <= most and (length or name == "wifi.password"):
                told = f"the one that was taken has {length} characters; allowed: {least} to {most}; write it anew"
                found.append(f"{name}: {told}")
    return found


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


def _is_in_effect(data: Path, fingerprint: str) -> bool:
    try:
        return (data / CURRENT / _FINGERPRINT).read_text(encoding="ascii") == fingerprint
    except (OSError, UnicodeDecodeError):
        return False


def _install(boot: Path, data: Path, fingerprint: str, step: Callable[[str], None]) -> None:
    """Put a checked site in effect."""
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
    replace_file(folder / _FINGERPRINT, fingerprint.encode(), 0o640)
    step("written")
    link = data / f".{CURRENT}.partial"
    link.unlink(missing_ok=True)
    link.symlink_to(folder.name)
    link.replace(data / CURRENT)
    sync_folder(data)
    step("in effect")
    for old in _all_taken(data):
        if old.name != folder.name:
            shutil.rmtree(old, ignore_errors=True)


def _all_taken(data: Path) -> list[Path]:
    return [path for path in data.glob(f"{_TAKEN}*") if path.name.removeprefix(_TAKEN).isdecimal()]


def _content(path: Path) -> bytes:
    return reading.contents(path, reading.MOST_SETTINGS_BYTES)


def _other_files(site: config.Site) -> list[str]:
    named = (site.pack_path.name if site.pack_path else "", site.mqtt.ca_file, site.update.ca_file)
    return [name for name in dict.fromkeys(named) if name]


def _fingerprint(boot: Path) -> str:
    """Return what a site, as this version checks it, is known by: all of its folder, passwords apart."""
    digest = hashlib.sha256(__version__.encode())
    for path in sorted(boot.glob("*.*")):
        if path.is_file() and not path.name.startswith("."):
            content = _content(path)
            with suppress(UnicodeDecodeError, InputError):
                content = secrets.without(content.decode()).encode() if path.name == SITE else content
            for part in (path.name.encode(), content):
                digest.update(len(part).to_bytes(8, "big") + part)
    return digest.hexdigest()
