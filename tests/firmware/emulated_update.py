"""Updates in an emulated machine, by real RAUC and a real U-Boot: what is taken, what is refused, and the way back.

One card lives through refusals and a good update, as a unit on a desk would, and each test waits for its part; another
one through the update whose program crashes. Three versions: the one that was flashed, a good one, a crashing one.
"""

import base64
import io
import json
import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import product
from pathlib import Path

import pytest
from PIL import Image

from firmware import card as cards
from firmware import layout
from firmware.tools import BUILD, run
from pi_companion.adapters.draw import HEIGHT, WIDTH, draw
from pi_companion.core import notices
from pi_companion.core.notices import Offer
from pi_companion.core.states import Screen
from tests.firmware.machine import Machine, card_of, machine, state_of

LIMIT_S = 1800
"""For each step; it is told, not judged."""

GOOD, CRASHING = "0.2.0+good", "0.3.0+crashing"

# The board's buttons are keys of its terminal, which is a pipe here; what its OLED shows is a file.
AT_THE_DESK = """\
[Service]
ExecStart=
ExecStart=/bin/sh -c 'exec /opt/pi-companion/bin/pi-companion run --simulated-board --deaf \
--picture /run/pi-companion/oled.png <>/run/desk'
Environment=XDG_RUNTIME_DIR=/run/pi-companion
TimeoutStartSec=600
WatchdogSec=120
"""
# The slot whose program crashes is judged by the image's own limits, not by those of an emulated start. The program of
# the other slot is a stand-in, whose start takes no minutes: nobody looks at that desk.
CRASHING_OR_STANDING_IN = f"""\
[Service]
Type=simple
WatchdogSec=0
ExecStart=
ExecStart=/bin/sh -c 'grep -qF {CRASHING} /usr/lib/os-release || exec sleep infinity; \
exec /opt/pi-companion/bin/pi-companion run'
"""
HEALTH = "[Service]\nStandardOutput=journal+console\n"
BROKEN = "#!/bin/sh\nkill -SEGV $$\n"

TOOLS = r"""
look() { echo "<<$1"; sh -c "$2" 2>&1; echo; echo "$1>>"; }
moment() { look "$1" 'date +%s.%N; cut -d" " -f1 /proc/uptime'; }
"""
INSTALL = (
    TOOLS
    + r"""
mkdir -p /run/stick
udevadm settle
for disk in /dev/vd?; do blkid $disk | grep -q STICK && mount -o ro $disk /run/stick; done
"""
)
# Prints each picture that the OLED shows, as NAME-1, NAME-2, ..., until the condition holds.
PICTURES = r"""
pictures() {
    sum='' number=0 is_over=''
    while [ -z "$is_over" ]; do
        sh -c "$2" >/dev/null 2>&1 && is_over=yes
        now=$(cksum /run/pi-companion/oled.png 2>/dev/null)
        if [ -n "$now" ] && [ "$now" != "$sum" ]; then
            sum=$now number=$((number + 1))
            look "$1-$number" 'base64 -w0 /run/pi-companion/oled.png'
        fi
        [ -n "$is_over" ] || sleep 0.5
    done
    look "$1" "echo $number"
}
state() {
    look "$1" 'for at in 2048 10240; do dd if=/dev/companion-card bs=512 skip=$at count=1 iflag=direct 2>/dev/null |
        base64 -w0; echo; done'
}
ask='rauc status --output-format=json'
is_proven='systemctl is-active -q companion-health'
found=/run/pi-companion-stick/found.json
"""
TAKEN_OR_REFUSED = rf"""{INSTALL}{PICTURES}
if grep -qF {GOOD} /usr/lib/os-release; then
    pictures started "$is_proven"
    until [ -s $found ]; do sleep 1; done
    sleep 5
    look stick-again "cat $found"
    look answered-again 'cat /run/pi-companion/answer.json'
    look good-status "$ask"
    state good-state
    sync
    look proven true
    exit
fi
pictures before "$is_proven"
for name in stranger misfit cut; do look $name "rauc install /run/stick/$name.raucb; echo rc=\$?"; done
look status "$ask"
state state
look ready true
pictures offered "grep -q '\"update\": \"{GOOD}\"' $found && sleep 10"
look found "cat $found"
echo >/run/desk
moment pressed
pictures installed "grep -q '\"is_done\": true' $found && sleep 2"
moment installed-at
"""
AND_BACK = rf"""{INSTALL}{PICTURES}
if grep -qF {CRASHING} /usr/lib/os-release; then
    journalctl -q -f -o short-unix -u companion-health
fi
until $is_proven; do sleep 1; done
if [ -e /data/crashing-was-installed ]; then
    moment back
    look back-status "$ask"
    state back-state
    sync
    look over true
    exit
fi
moment begun
look install 'rauc install /run/stick/crashing.raucb; echo rc=$?'
moment done
touch /data/crashing-was-installed
sync
systemctl reboot
"""


@dataclass(frozen=True, kw_only=True)
class Desk:
    """Two desks' cards, and bundles that IT may have made: `stick` is there from the start, `usb` is plugged in."""

    card: Path
    other_card: Path
    folder: Path
    stick: Path
    usb: Path


@dataclass(frozen=True, kw_only=True)
class Unit:
    """A machine that runs with that card."""

    machine: Machine

    def said(self, name: str) -> str:
        """Return what the unit printed under a name, once it has."""
        return self.machine.section(name, LIMIT_S)

    def moment(self, name: str) -> tuple[float, float]:
        """Return a moment of the emulated clock, and how long the kernel had been up: seconds."""
        at, up = self.said(name).split()
        return float(at), float(up)

    def pictures(self, name: str) -> list[bytes]:
        """Return what the OLED showed, one picture after another."""
        count = int(self.said(name))
        pngs = [base64.b64decode(self.said(f"{name}-{number}")) for number in range(1, count + 1)]
        return [Image.open(io.BytesIO(png)).convert("1").tobytes() for png in pngs]

    def states(self, name: str) -> list[dict[str, str] | None]:
        """Return both copies of the boot state."""
        return [layout.read_state(base64.b64decode(line)) for line in self.said(name).split()]


def pictures_of(screen: Screen) -> set[bytes]:
    """Return how a screen may look: the picture moves by a pixel so that nothing burns in."""
    found = set()
    for x, y in product(range(-1, 2), repeat=2):
        picture = Image.new("1", (WIDTH, HEIGHT))
        picture.paste(draw(screen), (x, y))
        found.add(picture.tobytes())
    return found


def stick_of(folder: Path, bundles: list[Path], name: str = "stick", into: str = "") -> Path:
    """Return a USB stick with bundles: an image of a FAT file system."""
    stick = folder / f"{name}.img"
    stick.unlink(missing_ok=True)
    size = sum(each.stat().st_size for each in bundles) + 64 * layout.MIB
    with stick.open("wb") as file:
        file.truncate(-(-size // layout.MIB) * layout.MIB)
    run(["mkfs.vfat", "-F", "32", "-n", name.upper(), stick])
    if into:
        run(["mmd", "-i", stick, f"::/{into}"])
    run(["mcopy", "-s", "-i", stick, *bundles, f"::/{into}"])
    return stick


def changed(folder: Path, name: str, files: dict[str, tuple[str, int]]) -> Path:
    """Return a copy of the image's root file system with some files replaced; text and mode of each, by its path."""
    root = folder / f"{name}.ext4"
    run(["cp", "--sparse=always", "--reflink=auto", BUILD / "rootfs.ext4", root])
    commands = []
    for number, (path, (text, mode)) in enumerate(files.items()):
        new = folder / f"{name}-{number}"
        new.write_text(text, encoding="utf-8")
        commands += [f"rm {path}", f"write {new} {path}", f"sif {path} mode 0{0o100000 | mode:o}"]
        commands += [f"sif {path} uid 0", f"sif {path} gid 0"]
    script = folder / f"{name}.debugfs"
    script.write_text("\n".join(commands) + "\n", encoding="utf-8")
    run(["debugfs", "-w", "-f", script, root])
    run(["e2fsck", "-fn", root])
    return root


def release(version: str) -> dict[str, tuple[str, int]]:
    """Return what makes a root file system of another version."""
    own = run(["debugfs", "-R", "cat /usr/lib/os-release", BUILD / "rootfs.ext4"])
    text = re.sub("(?m)^IMAGE_VERSION=.*$", f"IMAGE_VERSION={version}", own[own.index("PRETTY_NAME") :])
    return {"/usr/lib/os-release": (text, 0o644)}


@pytest.fixture(scope="module")
def desk(image: Path) -> Desk:
    folder = BUILD / "tests" / "update"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    small = folder / "small.ext4"
    small.write_bytes(os.urandom(layout.MIB))
    signer = (BUILD / "keys/development.key.pem", BUILD / "keys/development.cert.pem")
    other = (folder / "other.key.pem", folder / "other.cert.pem")
    cards.make_key(*other, "somebody else")
    cards.bundle(small, folder / "stranger.raucb", "1", signer=other)
    cards.bundle(small, folder / "misfit.raucb", "1", signer=signer, compatible="some-other-device")
    good = cards.bundle(changed(folder, "good", release(GOOD)), folder / "good.raucb", GOOD, signer=signer)
    broken = release(CRASHING) | {"/opt/pi-companion/bin/pi-companion": (BROKEN, 0o755)}
    cards.bundle(changed(folder, "crashing", broken), folder / "crashing.raucb", CRASHING, signer=signer)
    with good.open("rb") as source:
        (folder / "cut.raucb").write_bytes(source.read(good.stat().st_size // 2))
    stick = stick_of(folder, [folder / f"{name}.raucb" for name in ("stranger", "misfit", "cut", "crashing")])
    usb = stick_of(folder, [good], "usb", into="companion")
    cards_of_desks = {name: card_of(image, folder / f"{name}.qcow2") for name in ("card", "other_card")}
    return Desk(**cards_of_desks, folder=folder, stick=stick, usb=usb)


@pytest.fixture(scope="module")
def unit(desk: Desk) -> Iterator[Unit]:
    with machine(
        desk.card,
        desk.folder / "console.log",
        script=TAKEN_OR_REFUSED,
        after="local-fs.target",
        drop_ins={"pi-companion.service": AT_THE_DESK},
        stick=desk.stick,
        has_usb=True,
    ) as running:
        yield Unit(machine=running)


def test_what_was_not_signed_for_us_not_made_for_us_or_not_whole_is_refused_and_changes_nothing(unit: Unit) -> None:
    said = {name: unit.said(name) for name in ("stranger", "misfit", "cut")}
    status = json.loads(unit.said("status"))

    assert [each.splitlines()[-1] for each in said.values()] == ["rc=1"] * 3
    assert "signature" in said["stranger"].lower() or "certificate" in said["stranger"].lower()
    assert "Compatible mismatch" in said["misfit"]
    assert status["boot_primary"] == "rootfs.0"
    assert unit.states("state") == [{"BOOT_ORDER": "A", "BOOT_A_LEFT": "3", "BOOT_B_LEFT": "0"}] * 2


def test_a_stick_is_put_in_a_button_says_yes_and_its_bundle_is_installed(desk: Desk, unit: Unit) -> None:
    unit.said("ready")
    unit.machine.plug_in(desk.usb)

    assert json.loads(unit.said("found"))["update"] == GOOD
    assert unit.pictures("offered")[-1] in pictures_of(notices.offer(Offer.UPDATE, GOOD))
    shown = unit.pictures("installed")
    steps = {each: pct for pct in range(101) for each in pictures_of(notices.working(Offer.UPDATE, pct))}
    bar = [steps[each] for each in shown if each in steps]
    print(f"the bar was seen at {bar} %")
    assert len(set(bar)) > 2
    assert bar == sorted(bar)
    assert shown[-1] in pictures_of(notices.ended(Offer.UPDATE, is_done=True))
    (pressed, _), (installed, _) = unit.moment("pressed"), unit.moment("installed-at")
    print(f"from the button to ✓ {installed - pressed:.0f} s by the emulated clock")


def test_its_slot_starts_proves_itself_and_the_oled_says_so(unit: Unit) -> None:
    shown = unit.pictures("started")
    again = json.loads(unit.said("stick-again"))
    status = json.loads(unit.said("good-status"))
    first, second = unit.states("good-state")
    unit.said("proven")
    unit.machine.end()

    assert pictures_of(notices.updated(GOOD, is_back=False)) & set(shown)
    # The stick is still in: what runs already is not asked about.
    assert (again["update"], "No such file" in unit.said("answered-again")) == (GOOD, True)
    assert (status["booted"], status["boot_primary"]) == ("B", "rootfs.1")
    assert first == second
    assert first is not None
    assert (first["BOOT_ORDER"], first["BOOT_B_LEFT"]) == ("B A", "3")


def test_a_bundle_whose_service_crashes_gives_way_to_the_slot_before(desk: Desk) -> None:
    # By the steps of RAUC itself; that a button asks for them was seen.
    with machine(
        desk.other_card,
        desk.folder / "crash.log",
        script=AND_BACK,
        after="local-fs.target",
        drop_ins={"pi-companion.service": CRASHING_OR_STANDING_IN, "companion-health.service": HEALTH},
        stick=desk.stick,
    ) as running:
        unit = Unit(machine=running)
        assert "rc=0" in unit.said("install").splitlines()
        failing = r"^(\d+\.\d+) .*is not fit, (\d+) s after"
        failed_at, failed = running.wait_for(failing, LIMIT_S)
        started_at, _ = running.wait_for("Starting kernel", LIMIT_S, after=running.position(failing))
        (begun, _), (done, _), (back, up) = (unit.moment(name) for name in ("begun", "done", "back"))
        status = json.loads(unit.said("back-status"))
        first, second = unit.states("back-state")
        unit.said("over")

    kernel_s = back - up - float(failed[1])
    print(
        f"installed in {done - begun:.0f} s; the check failed {failed[2]} s after the kernel's start; from there to "
        f"the old slot's kernel {kernel_s:.1f} s, until it was proven again {back - float(failed[1]):.1f} s, all by "
        f"the emulated clock; to the kernel {started_at - failed_at:.1f} s by the testing machine's"
    )
    assert 0 < kernel_s <= 60
    assert (status["booted"], status["boot_primary"]) == ("A", "rootfs.0")
    assert first == second
    assert first is not None
    assert (first["BOOT_ORDER"].split()[0], first["BOOT_A_LEFT"], first["BOOT_B_LEFT"]) == ("A", "3", "0")


def test_the_cards_are_whole_after_all_of_it(desk: Desk) -> None:
    data = desk.folder / "data.img"
    skip = layout.DATA.start // layout.MIB
    count = layout.DATA.end // layout.MIB
    for card in (desk.card, desk.other_card):
        run(["qemu-img", "dd", "-O", "raw", f"if={card}", f"of={data}", "bs=1M", f"skip={skip}", f"count={count}"])
        checked = subprocess.run(["e2fsck", "-p", data], capture_output=True, text=True, check=False)
        first, second = state_of(card, desk.folder)

        assert checked.returncode <= 1, checked.stdout
        assert first == second
