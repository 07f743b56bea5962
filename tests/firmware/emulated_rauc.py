"""Real RAUC and a real U-Boot on the layout of the card, without the Linux in between; and a cut at every write.

RAUC of this machine installs into slot B of a card that is a file; the program's own code saves what it learned, on
the card's data partition; both through QEMU's log of writes. Which slot then starts is asked of Debian's U-Boot in an
emulated machine. The slots hold a small stand-in for a root. Bundles are of RAUC's plain format, which needs no
dm-verity of this machine; `emulated_update.py` does the same with the real image and its own RAUC. Needs root, for
loop devices.
"""

import os
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Iterable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import Final

import pytest

from firmware import card as cards
from firmware import layout
from firmware.layout import BOOT, DATA, MIB, PARTITIONS, SLOT_A, SLOT_B
from firmware.root import OVERLAY
from firmware.tools import BUILD, REPOSITORY, run
from pi_companion.site.taking import take
from tests.firmware.emulated_u_boot import start
from tests.firmware.machine import CARD_BYTES
from tests.firmware.power_cut import SAVES, judge, save_script
from tests.firmware.site_cut import EDITIONS, SiteLog, mark, write_edition
from tests.firmware.write_log import entries

CUTS: Final = 1200
STARTED: Final = 8
ROOT_BYTES: Final = 48 * MIB
STAND_IN: Final = "boot"
"""Where IT's folder lies: on the data partition, for this machine may know no FAT."""

SERVICE = OVERLAY / "usr/lib/pi-companion/boot"


@dataclass(frozen=True, kw_only=True)
class Desk:
    """A card as it is before anything is done, what its slots hold when whole, bundles, and RAUC's settings."""

    folder: Path
    before: Path
    old: Path
    new: Path
    keyring: Path

    def bundle(self, name: str) -> Path:
        return self.folder / f"{name}.raucb"


def make_bundle(desk: Desk, name: str, signer: tuple[Path, Path], compatible: str = layout.COMPATIBLE) -> None:
    folder = desk.folder / f"bundle-{name}"
    folder.mkdir()
    shutil.copyfile(desk.new, folder / "rootfs.ext4")
    (folder / "manifest.raucm").write_text(
        f"[update]\ncompatible={compatible}\nversion=2\n\n[image.rootfs]\nfilename=rootfs.ext4\n", encoding="utf-8"
    )
    run(["rauc", f"--key={signer[1]}", f"--cert={signer[0]}", "bundle", folder, desk.bundle(name)])


@pytest.fixture(scope="module")
def desk(image: Path) -> Desk:
    folder = BUILD / "tests" / "rauc"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    random = Random(1)  # noqa: S311 - content of a stand-in
    ours = folder / "ours.cert.pem", folder / "ours.key.pem"
    other = folder / "other.cert.pem", folder / "other.key.pem"
    for certificate, key in (ours, other):
        cards.make_key(key, certificate, certificate.stem)
    desk = Desk(
        folder=folder, before=folder / "before.img", old=folder / "old.ext4", new=folder / "new.ext4", keyring=ours[0]
    )
    for path in (desk.old, desk.new):
        tree = folder / f"tree-{path.stem}"
        tree.mkdir()
        (tree / "content").write_bytes(random.randbytes(ROOT_BYTES * 3 // 4))
        run(["mke2fs", "-q", "-t", "ext4", "-O", "^has_journal", "-d", tree, path, f"{ROOT_BYTES // 1024}k"])
    make_bundle(desk, "good", ours)
    make_bundle(desk, "stranger", other)
    make_bundle(desk, "misfit", ours, compatible="some-other-device")
    whole = desk.bundle("good").read_bytes()
    desk.bundle("cut").write_bytes(whole[: len(whole) // 2])
    with image.open("rb") as flashed, desk.before.open("wb") as card:
        card.write(flashed.read(BOOT.end))
        card.seek(0)
        card.write(layout.mbr(PARTITIONS))
        card.truncate(CARD_BYTES)
    for number in range(EDITIONS):
        write_edition(number, folder / str(number))
    data = folder / "data.ext4"
    lazy = "lazy_itable_init=0,lazy_journal_init=0"
    run(["mke2fs", "-q", "-t", "ext4", "-m", "0", "-E", lazy, data, f"{DATA.size // 1024}k"])
    for part, place in ((desk.old, SLOT_A.start), (data, DATA.start)):
        run(
            [
                "dd",
                f"if={part}",
                f"of={desk.before}",
                "bs=1M",
                f"seek={place // MIB}",
                "conv=notrunc,sparse",
                "status=none",
            ]
        )
    return desk


class Unit:
    """A card in use: its partitions as devices, data mounted, RAUC running on a bus of its own."""

    def __init__(self, desk: Desk, card: Path, mount: Path, stack: ExitStack) -> None:
        self.card, self.mount = card, mount
        slot_a = _loop(card, SLOT_A.start, SLOT_A.size, stack)
        slot_b = _loop(card, SLOT_B.start, SLOT_B.size, stack)
        data = _loop(card, DATA.start, DATA.size, stack)
        mount.mkdir(exist_ok=True)
        run(["mount", "-o", "noatime,commit=5", data, mount])
        stack.callback(run, ["umount", mount])
        for name in ("rauc", "pi-companion"):
            (mount / name).mkdir(exist_ok=True)
        self.path = _boot_programs(card, desk.folder / "bin")
        config = layout.filled_in((OVERLAY / "etc/rauc/system.conf").read_text(encoding="utf-8"))
        config = re.sub("(?m)^(boot-attempts|bundle-formats|data-directory|pre-install).*\n", "", config)
        config = config.replace("[handlers]\n", "")
        config = config.replace(
            "mountprefix=/run/rauc", f"mountprefix={desk.folder}/mnt\nstatusfile={mount}/rauc/status"
        )
        config = config.replace("/etc/rauc/keyring.pem", str(desk.keyring))
        for number, device in ((2, slot_a), (3, slot_b)):
            config = config.replace(f"/dev/disk/by-partuuid/{layout.DISK_ID:08x}-0{number}", device)
        (desk.folder / "system.conf").write_text(config, encoding="utf-8")
        (desk.folder / "mnt").mkdir(exist_ok=True)
        self.config = desk.folder / "system.conf"

    def rauc(self, *arguments: str | Path) -> subprocess.CompletedProcess[str]:
        """Run RAUC's service on a bus of its own, and a command to it."""
        words = " ".join(f"'{each}'" for each in arguments)
        script = (
            "export DBUS_STARTER_BUS_TYPE=session; "  # dbus-run-session takes it away
            f"rauc --conf='{self.config}' --override-boot-slot=A service >&2 & s=$!; "
            "until busctl --user status de.pengutronix.rauc >/dev/null 2>&1 || ! kill -0 $s; do sleep 0.2; done; "
            f"rauc {words}; r=$?; kill $s; wait $s; exit $r"
        )
        environment = os.environ | {"PATH": f"{self.path}:{os.environ['PATH']}"}
        return subprocess.run(
            ["dbus-run-session", "--", "sh", "-c", script], capture_output=True, text=True, check=False, env=environment
        )


def _loop(card: Path, start_at: int, size: int, stack: ExitStack) -> str:
    device = run(["losetup", "--find", "--show", "--offset", str(start_at), "--sizelimit", str(size), card]).strip()
    stack.callback(run, ["losetup", "--detach", device])
    return device


def _boot_programs(card: Path, folder: Path) -> Path:
    """Return a folder with the image's own fw_setenv and fw_printenv, for this card."""
    folder.mkdir(exist_ok=True)
    for name in ("first.config", "second.config", "fw_setenv", "fw_printenv"):
        text = layout.filled_in((SERVICE / name).read_text(encoding="utf-8"))
        text = text.replace("/usr/lib/pi-companion/boot", str(folder)).replace("/dev/companion-card", str(card))
        (folder / name).write_text(text, encoding="utf-8")
        (folder / name).chmod(0o755)
    return folder


@contextmanager
def recording(desk: Desk, name: str) -> Iterator[tuple[Unit, Path]]:
    """Give a unit whose every write to the card is logged, and the log; the card is `NAME.img` afterwards."""
    content, log, seen = desk.folder / f"{name}.img", desk.folder / f"{name}.log", desk.folder / f"{name}.card"
    run(["cp", "--sparse=always", desk.before, content])
    log.write_bytes(b"")
    seen.touch()
    command = ["qemu-storage-daemon"]
    command += ["--blockdev", f"driver=file,node-name=content,filename={content}"]
    command += ["--blockdev", f"driver=file,node-name=log,filename={log}"]
    command += ["--blockdev", "driver=blklogwrites,node-name=card,file=content,log=log,log-sector-size=512"]
    command += ["--export", f"type=fuse,id=card,node-name=card,mountpoint={seen},writable=on"]
    daemon = subprocess.Popen(command)
    try:
        while seen.stat().st_size != CARD_BYTES:
            assert daemon.poll() is None
            time.sleep(0.1)
        with ExitStack() as stack:
            yield Unit(desk, seen, desk.folder / f"{name}.data", stack), log
    finally:
        daemon.terminate()
        daemon.wait()


def states(card: Path) -> list[dict[str, str] | None]:
    with card.open("rb") as file:
        found = []
        for place in (layout.FIRST_STATE, layout.SECOND_STATE):
            file.seek(place)
            found.append(layout.read_state(file.read(layout.STATE_BYTES)))
        return found


def slot_of(card: Path) -> list[str]:
    """Start a card up to U-Boot's decision, on a copy; return the slot it chose."""
    copy = card.with_suffix(".start")
    run(["cp", "--sparse=always", card, copy])
    said = start(copy)
    copy.unlink()
    return re.findall(r"companion: slot (\w),", said)


def take_sites(unit: Unit, editions: Path, numbers: Iterable[int]) -> None:
    """Have IT write editions of a site one after the other, and the device take each."""
    boot, kept, told = unit.mount / STAND_IN / "companion", unit.mount / "pi-companion-site", unit.mount.parent / "told"
    told.mkdir(exist_ok=True)
    for number in numbers:
        mark(unit.card, f"editing {number}")
        shutil.copytree(editions / str(number), boot, dirs_exist_ok=True)
        os.sync()
        mark(unit.card, f"edited {number}")
        taken = take(boot, kept, told)
        assert (taken.is_new, taken.complaints) == (True, ())
        mark(unit.card, f"taken {number}")


def test_only_what_was_signed_for_us_made_for_us_and_whole_is_taken(desk: Desk) -> None:
    with recording(desk, "refusals") as (unit, _):
        refused = {name: unit.rauc("install", desk.bundle(name)) for name in ("stranger", "misfit", "cut")}
        between = states(unit.card)
        taken = unit.rauc("install", desk.bundle("good"))

    card = desk.folder / "refusals.img"
    assert {name: done.returncode for name, done in refused.items()} == dict.fromkeys(refused, 1)
    assert "signature" in refused["stranger"].stderr.lower()
    assert "compatible" in refused["misfit"].stderr.lower()
    assert between == [dict(layout.FLASHED_STATE)] * 2
    assert taken.returncode == 0, taken.stderr
    assert states(card)[0] == states(card)[1]
    assert slot_of(card) == ["B"]


def test_at_every_moment_of_saving_flashing_and_switching_the_card_is_whole(desk: Desk) -> None:
    with recording(desk, "cuts") as (unit, log):
        place = unit.mount / "pi-companion/station.toml"
        take_sites(unit, desk.folder, range(1))
        run([sys.executable, "-c", save_script(str(place))], into=REPOSITORY)
        take_sites(unit, desk.folder, range(1, EDITIONS))
        done = unit.rauc("install", desk.bundle("good"))
        run([sys.executable, "-c", save_script(str(place), SAVES)], into=REPOSITORY)
        proven = unit.rauc("status", "mark-good", "rootfs.1")
    assert (done.returncode, proven.returncode) == (0, 0), (done.stderr, proven.stderr)
    written = entries(log)
    sites = SiteLog(written, log, desk.before, editions=desk.folder, first=None, boot=f"/{STAND_IN}")
    judged = judge(
        desk.before,
        log,
        {"A": desk.old, "B": desk.new},
        sites,
        count=CUTS,
        samples=STARTED,
        seed=20261130,
    )

    print(judged)
    assert judged.complaints == [], "\n".join(judged.complaints)
    assert judged.cuts >= 1000
    assert {"starts A", "starts B", *(f"site {number}" for number in range(EDITIONS))} <= judged.seen.keys()
    assert sites.torn == set(range(EDITIONS))
    assert [slot_of(card) for card, _ in judged.kept] == [[slot] for _, slot in judged.kept]
