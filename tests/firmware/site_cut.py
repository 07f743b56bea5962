"""What of a site is on a card at a power cut? The one before or the new one, whole, each with its own passwords.

IT writes one edition after another into the folder on the boot partition; the device takes each. Marks on the card, far
behind its partitions, say in the log which edition is whole there: what a PC half wrote is not the device's to answer
for, and no cut is made in it. No password is lost or left over; one is torn on purpose between two sectors.
"""

import os
import re
import shutil
import subprocess
from bisect import bisect_right
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from firmware import boot_files
from firmware.layout import BOOT, DATA, SECTOR
from firmware.tools import run
from pi_companion import site_file
from pi_companion.errors import CompanionError
from pi_companion.site import secrets, stations
from pi_companion.site.taking import PENDING, SECRETS, take
from tests.firmware.write_log import DISCARD, Entry

EDITIONS: Final = 5
MARK: Final = DATA.end
MARK_BYTES: Final = 512
NONE: Final = -1
"""No site was taken yet."""

_MASKED: Final = b'password = "' + b"*" * len("wifi word of edition 0") + b'"'
_MARKED: Final = re.compile(rb"(editing|edited|taken) (\d+) *\Z")


def edition(number: int) -> dict[str, str]:
    """Return the files of IT's folder, by name: a site file as it comes with the image, with some lines of IT's own.

    One of its passwords lies across two sectors, so that a write can be torn in the middle of it.
    """
    site = boot_files.site_template()
    for line, wanted in (
        ('#unit = "电脑中心"', f'unit = "部门{number}"'),
        ('#ssid = ""', f'ssid = "desks-{number}"'),
        ('#password = ""', f'password = "{_passwords(number)["wifi_password"]}"'),
        ('#password = ""', f'password = "{_passwords(number)["mqtt_password"]}"'),
    ):
        assert line in site, line
        site = site.replace(line, wanted, 1)
    desks = "".join(f'[station.{code}]\nagent_name = "座席{number}"\nextension = "8{code}"\n\n' for code in (11, 12))
    site = site.replace("\n", "\r\n")
    word = _passwords(number)["wifi_password"]
    middle = len(site[: site.index(word)].encode()) + len("# \r\n") + len(word) // 2
    return {"site.toml": f"# {'-' * (-middle % SECTOR)}\r\n{site}", stations.FILE: desks}


def write_edition(number: int, folder: Path) -> None:
    """Write the files of an edition, as a PC does."""
    folder.mkdir(exist_ok=True, parents=True)
    for name, text in edition(number).items():
        (folder / name).write_bytes(text.encode())


def mark(card: Path, text: str) -> None:
    """Put a mark on a card, through to its log."""
    handle = os.open(card, os.O_WRONLY)
    os.pwrite(handle, text.encode().ljust(MARK_BYTES), MARK)
    os.fsync(handle)
    os.close(handle)


class SiteLog:
    """What a write log says about editions. `card`: as it was before; `first`: the edition on it, None if none is.

    `editions`: where their files lie, in one folder for each.
    `boot`: where IT's folder lies: on the FAT partition, or in this folder of the data partition, its stand-in.
    """

    def __init__(
        self,
        log: Sequence[Entry],
        file: Path,
        card: Path,
        *,
        editions: Path,
        first: int | None,
        boot: str = "",
    ) -> None:
        self._boot = boot
        self._sites = [
            secrets.without((editions / str(number) / "site.toml").read_bytes().decode()) for number in range(EDITIONS)
        ]
        self._at: list[int] = [-1]
        self._marks: list[tuple[str, int]] = [("nothing", NONE) if first is None else ("edited", first)]
        self.overwriting: list[int] = []
        """Entries that write asterisks over a password."""
        with file.open("rb") as content:
            for index, entry in enumerate(log):
                if entry.is_write and entry.offset == MARK:
                    content.seek(entry.data_at)
                    if found := _MARKED.match(content.read(MARK_BYTES)):
                        self._at.append(index)
                        self._marks.append((found[1].decode(), int(found[2])))
                elif entry.is_write and not entry.flags & DISCARD and BOOT.start <= entry.offset < DATA.end:
                    content.seek(entry.data_at)
                    if _MASKED in content.read(entry.size):
                        self.overwriting.append(index)
        work = card.with_name("at-first")
        shutil.rmtree(work, ignore_errors=True)
        self._whole = {} if boot else _beside(_copied(card, work))
        self.torn: set[int] = set()
        """Editions of which a card was judged that had half a password on it."""

    def state(self, moment: int) -> tuple[str, int]:
        """Return the last mark whose write was done before a moment: editing, edited or taken, and the edition."""
        return self._marks[bisect_right(self._at, moment - 1) - 1]

    def judge(self, card: Path, data: Path, moment: int, safe: int) -> tuple[str, list[str]]:
        """Return which edition is in effect on a card, and what is wrong. `data`: its data partition, mended.

        `safe`: the entries before it are on the card, whatever became of the rest.
        """
        _, newest = self.state(moment)
        if newest == NONE:
            return "none", []
        work = card.with_name("looked-at")
        shutil.rmtree(work, ignore_errors=True)
        kept, folder, told = work / "pi-companion-site", work / "boot", work / "run"
        for each in (work, folder, told):
            each.mkdir()
        run(["debugfs", "-R", f"rdump /pi-companion-site {work}", data])
        complaints = []
        if self._boot:
            run(["debugfs", "-R", f"rdump {self._boot}/companion {folder}", data])
        elif _beside(_copied(card, folder)) != self._whole:
            complaints.append("the FAT partition: what starts the board is not as it was")
        was = self._in_effect(kept)
        state, least = self.state(safe)
        least -= state != "taken"
        if was is None or not least <= was <= newest:
            complaints.append(f"in effect is {was}, after {least} was taken and {newest} written")
        boot = folder / "companion"
        if was is not None and was != NONE and (found := _in(kept / site_file.CURRENT / SECRETS)) != _passwords(was):
            complaints.append(f"in effect are the passwords {found}, with the site {was}")
        self.torn |= {newest} if _is_torn(boot / "site.toml", newest) else set()
        try:
            complaints += [f"at the next start: {each}" for each in take(boot, kept, told).complaints]
        except (CompanionError, OSError) as error:
            complaints.append(f"at the next start: {error}")
        if (now := self._in_effect(kept)) != newest:
            complaints.append(f"after the next start {now} is in effect, not {newest}")
        complaints += _wrong_after(boot, kept, newest)
        return "none" if was == NONE else str(was), complaints

    def _in_effect(self, kept: Path) -> int | None:
        """Return the edition in effect, `NONE` if none is; None: something else."""
        place = kept / site_file.CURRENT / "site.toml"
        if not (kept / site_file.CURRENT).is_symlink():
            return NONE
        text = place.read_bytes().decode() if place.is_file() else ""
        found = [number for number, site in enumerate(self._sites) if text == site]
        if not found:
            return None
        try:
            key = (kept / site_file.KEY).read_bytes()
            profile = stations.read_sealed(kept / site_file.CURRENT, 12, key)
        except (CompanionError, OSError):
            return None
        return found[0] if profile and profile.settings["agent_name"] == f"座席{found[0]}" else None


def _copied(card: Path, folder: Path) -> Path:
    """Return a folder with what is on the FAT partition of a card."""
    folder.mkdir(exist_ok=True)
    environment = os.environ | {"MTOOLS_SKIP_CHECK": "1"}
    command = ["mcopy", "-n", "-s", "-i", f"{card}@@{BOOT.start}", "::/", str(folder)]
    subprocess.run(command, capture_output=True, check=False, env=environment)  # what cannot be read is missed below
    return folder


def _beside(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir() if path.is_file()}


def _wrong_after(boot: Path, kept: Path, newest: int) -> list[str]:
    """Return what is wrong with the passwords after the next start has taken the newest edition."""
    wrong = []
    found = _in(kept / site_file.CURRENT / SECRETS)
    if found != _passwords(newest):
        wrong.append(f"after the next start the passwords are {found}, not those of {newest}")
    site = boot / "site.toml"
    text = site.read_text(encoding="utf-8") if site.is_file() else ""
    if not text or any(word in text for word in _passwords(newest).values()):
        wrong.append("after the next start the passwords are on the boot partition, or there is no site file")
    if (kept / PENDING).exists():
        wrong.append("after the next start passwords still wait")
    return wrong


def _in(store: Path) -> dict[str, str]:
    return {name: word for name, word in secrets.stored(store).items() if word}


def _is_torn(site: Path, number: int) -> bool:
    """Return whether the Wi-Fi's password stands there with its first half overwritten, or its second."""
    text = site.read_text(encoding="utf-8") if site.is_file() else ""
    word = _passwords(number)["wifi_password"]
    half = len(word) // 2
    return any(each in text for each in ("*" * half + word[half:], word[:half] + "*" * (len(word) - half)))


def _passwords(number: int) -> dict[str, str]:
    return {"wifi_password": f"wifi word of edition {number}", "mqtt_password": f"mqtt word of edition {number}"}
