"""Updates in an emulated machine, by real RAUC and a real U-Boot: what is taken, what is refused, and the way back.

One card lives through them one after another, as a unit on a desk would.
"""

import json
import os
import re
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

import pytest

from firmware import card as cards
from firmware import layout
from firmware.tools import BUILD, run
from tests.firmware.machine import card_of, machine, state_of

LIMIT_S = 1800
"""For each step; it is told, not judged."""

CRASHING = """\
[Service]
ExecStart=
ExecStart=/bin/false
"""
ASK = "rauc status --output-format=json"


@dataclass(frozen=True, kw_only=True)
class Unit:
    """A desk's card, and a stick with bundles that IT may have made."""

    card: Path
    stick: Path
    folder: Path


def stick_of(folder: Path, bundles: list[Path]) -> Path:
    """Return a USB stick with bundles: an image of a FAT file system."""
    stick = folder / "stick.img"
    stick.unlink(missing_ok=True)
    size = sum(each.stat().st_size for each in bundles) + 64 * layout.MIB
    with stick.open("wb") as file:
        file.truncate(-(-size // layout.MIB) * layout.MIB)
    run(["mkfs.vfat", "-F", "32", "-n", "STICK", stick])
    run(["mcopy", "-i", stick, *bundles, "::/"])
    return stick


@pytest.fixture(scope="module")
def unit(image: Path) -> Unit:
    folder = BUILD / "tests" / "update"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    (good,) = (BUILD / "out").glob("*.raucb")
    small = folder / "small.ext4"
    small.write_bytes(os.urandom(layout.MIB))
    signer = (BUILD / "keys/development.key.pem", BUILD / "keys/development.cert.pem")
    other = (folder / "other.key.pem", folder / "other.cert.pem")
    cards.make_key(*other, "somebody else")
    shutil.copyfile(good, folder / "good.raucb")
    cards.bundle(small, folder / "stranger.raucb", "1", signer=other)
    cards.bundle(small, folder / "misfit.raucb", "1", signer=signer, compatible="some-other-device")
    with (folder / "good.raucb").open("rb") as source:
        (folder / "cut.raucb").write_bytes(source.read((folder / "good.raucb").stat().st_size // 2))
    stick = stick_of(folder, [folder / f"{name}.raucb" for name in ("good", "stranger", "misfit", "cut")])
    return Unit(card=card_of(image, folder / "card.qcow2"), stick=stick, folder=folder)


INSTALL = r"""
mkdir -p /run/stick
for disk in /dev/vd?; do blkid $disk | grep -q STICK && mount -o ro $disk /run/stick; done
look() { echo "<<$1"; sh -c "$2" 2>&1; echo; echo "$1>>"; }
"""


def test_what_was_not_signed_for_us_not_made_for_us_or_not_whole_is_refused_and_changes_nothing(unit: Unit) -> None:
    names = ("stranger", "misfit", "cut")
    script = INSTALL + "".join(f"look {name} 'rauc install /run/stick/{name}.raucb; echo rc=$?'\n" for name in names)

    with machine(
        unit.card, unit.folder / "refused.log", script=f"{script}\nlook status '{ASK}'\n", stick=unit.stick
    ) as running:
        said = {name: running.section(name, LIMIT_S) for name in names}
        status = json.loads(running.section("status", LIMIT_S))

    assert [said[name].splitlines()[-1] for name in names] == ["rc=1"] * 3
    assert "signature" in said["stranger"].lower() or "certificate" in said["stranger"].lower()
    assert "Compatible mismatch" in said["misfit"]
    assert status["boot_primary"] == "rootfs.0"
    assert state_of(unit.card, unit.folder)[0] == {"BOOT_ORDER": "A", "BOOT_A_LEFT": "3", "BOOT_B_LEFT": "0"}


def test_a_good_bundle_is_installed_and_its_slot_proves_itself(unit: Unit) -> None:
    script = INSTALL + "look install 'rauc install /run/stick/good.raucb; echo rc=$?'\nsync\nsystemctl reboot\n"
    with machine(unit.card, unit.folder / "install.log", script=script, stick=unit.stick) as running:
        installed = running.section("install", LIMIT_S)
        running.wait_for(r"companion: slot B, tries left: A \d, B 1", LIMIT_S)
    assert "rc=0" in installed.splitlines(), installed

    with machine(unit.card, unit.folder / "new-slot.log", script=f"{INSTALL}look status '{ASK}'") as running:
        status = json.loads(running.section("status", LIMIT_S))

    first, second = state_of(unit.card, unit.folder)
    assert (status["booted"], status["boot_primary"]) == ("B", "rootfs.1")
    assert first == second
    assert first is not None
    assert (first["BOOT_ORDER"], first["BOOT_B_LEFT"]) == ("B A", "3")


def test_a_bundle_whose_service_crashes_gives_way_to_the_slot_before(unit: Unit) -> None:
    # The same bundle into the other slot; that its program crashes is brought about from outside, in this one start.
    script = INSTALL + "look install 'rauc install /run/stick/good.raucb; echo rc=$?'\nsync\nsystemctl reboot\n"
    with machine(unit.card, unit.folder / "install-again.log", script=script, stick=unit.stick) as running:
        assert "rc=0" in running.section("install", LIMIT_S).splitlines()
        running.wait_for("companion: slot A,", LIMIT_S)

    # The health check's own limits, 60 s and 10 s, are in force here.
    drop_ins = {
        "pi-companion.service": CRASHING,
        "companion-health.service": "[Service]\nStandardOutput=journal+console\n",
    }
    with machine(unit.card, unit.folder / "crash.log", script=":", drop_ins=drop_ins) as running:
        running.wait_for("companion: slot A,", LIMIT_S)
        failed, _ = running.wait_for("is not fit", LIMIT_S)
        again, _ = running.wait_for("companion: slot B,", LIMIT_S)
        started, _ = running.wait_for("Starting kernel", LIMIT_S, after=running.position("is not fit"))

    print(f"from the failed check to the old slot's U-Boot {again - failed:.1f} s, its kernel {started - failed:.1f} s")
    assert started - failed <= 60
    first, _ = state_of(unit.card, unit.folder)
    assert first is not None
    assert first["BOOT_ORDER"].split()[0] == "B"
    assert re.fullmatch("[12]", first["BOOT_B_LEFT"])


def test_the_card_is_whole_after_all_of_it(unit: Unit) -> None:
    data = unit.folder / "data.img"
    skip = layout.DATA.start // layout.MIB
    count = layout.DATA.end // layout.MIB
    run(["qemu-img", "dd", "-O", "raw", f"if={unit.card}", f"of={data}", "bs=1M", f"skip={skip}", f"count={count}"])

    checked = subprocess.run(["e2fsck", "-p", data], capture_output=True, text=True, check=False)

    assert checked.returncode <= 1, checked.stdout
