"""A power cut at any write: does the card always start, and is what was saved the old or the new, never broken?

An emulated unit lives through its first start, sites and calibrations, an update and the start of the new slot while
QEMU keeps a log of every write. The log is then replayed up to `CUTS` random moments. At each, the writes since the
last flush are kept or lost at random and one is torn; what is on the card then is checked, and a few of those cards are
really started. A recording is used again until there is another image or another script. What runs as the companion is
a stand-in that does nothing: its start would take most of the time. What it keeps is written by its own code.
"""

import hashlib
import re
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import pytest

from firmware.layout import BOOT, SECTOR
from firmware.tools import BUILD, run
from tests.firmware.emulated_update import INSTALL, stick_of
from tests.firmware.machine import CARD_BYTES, STANDING_IN, card_of, machine
from tests.firmware.power_cut import judge, save_script
from tests.firmware.site_cut import EDITIONS, MARK, SiteLog, edition, write_edition
from tests.firmware.write_log import entries

CUTS: Final = 1200
STARTED: Final = 3
SEED: Final = 20261130
LIMIT_S: Final = 3600
SAVE: Final = save_script("/var/lib/pi-companion/station.toml")
TAKEN: Final = "journalctl -q --no-pager -o cat -n 3 -u pi-companion-site"

# In slot A everything that is recorded, ending with a restart; in slot B only what the health check said. The first
# edition of the site is on the card from the start, and taken at the first start.
RECORDED: Final = rf"""{INSTALL}
until systemctl is-active -q companion-health; do sleep 1; done
if grep -q rauc.slot=B /proc/cmdline; then
    look proven 'journalctl -q --no-pager -o cat -u companion-health'
    exit
fi
mark() {{
    printf '%-512s' "$1" |
        dd of=/dev/companion-card bs=512 seek={MARK // SECTOR} oflag=direct conv=notrunc,fsync 2>/dev/null
}}
mark 'taken 0'
cat >/tmp/save.py <<'END'
{SAVE}
END
look save '/opt/pi-companion/bin/python /tmp/save.py; cat /var/lib/pi-companion/station.toml'
for number in $(seq 1 {EDITIONS - 1}); do
    mark "editing $number"
    mount --options-source=mtab -o remount,rw /boot/firmware
    cp /run/stick/$number/* /boot/firmware/companion/
    sync
    mount --options-source=mtab -o remount,ro /boot/firmware
    mark "edited $number"
    look take-$number 'systemctl restart pi-companion-site; {TAKEN}'
    mark "taken $number"
done
look install 'rauc install /run/stick/good.raucb; echo rc=$?'
sync
systemctl reboot
"""


@dataclass(frozen=True, kw_only=True)
class Recorded:
    """Everything that was written to a card, in order. `flashed`: the card before; `slot`: what a whole slot holds."""

    flashed: Path
    slot: Path
    log: Path
    folder: Path


@pytest.fixture(scope="module")
def recorded(image: Path) -> Recorded:
    folder = BUILD / "tests" / "power-cut"
    done = Recorded(
        flashed=folder / "flashed.img", slot=BUILD / "rootfs.ext4", log=folder / "writes.log", folder=folder
    )
    script = RECORDED + edition(1)["site.toml"]
    made_from = f"{image.stat().st_mtime} {hashlib.sha256(script.encode()).hexdigest()}"
    is_done = folder / "recorded"
    if is_done.exists() and is_done.read_text(encoding="utf-8") == made_from:
        return done
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    run(["cp", "--sparse=always", "--reflink=auto", image, done.flashed])
    for number in range(EDITIONS):
        write_edition(number, folder / str(number))
    run(["mcopy", "-o", "-i", f"{done.flashed}@@{BOOT.start}", *sorted((folder / "0").iterdir()), "::/companion"])
    (bundle,) = (BUILD / "out").glob("*.raucb")
    shutil.copyfile(bundle, folder / "good.raucb")
    stick = stick_of(folder, [folder / "good.raucb", *(folder / str(number) for number in range(1, EDITIONS))])
    card = card_of(done.flashed, folder / "recorded.qcow2")
    done.log.touch()
    options = [
        *("-blockdev", f"driver=qcow2,node-name=content,file.driver=file,file.filename={card}"),
        *("-blockdev", f"driver=raw,node-name=log,file.driver=file,file.filename={done.log}"),
        *("-blockdev", "driver=blklogwrites,node-name=card,file=content,log=log,log-sector-size=512"),
    ]
    with machine(
        card,
        folder / "record.log",
        script=RECORDED,
        after="local-fs.target",
        drop_ins={"pi-companion.service": STANDING_IN},
        stick=stick,
        card_options=options,
    ) as running:
        for number in range(1, EDITIONS):
            assert "a new site is in effect" in running.section(f"take-{number}", LIMIT_S)
        assert "rc=0" in running.section("install", LIMIT_S).splitlines()
        running.wait_for("companion: slot B,", LIMIT_S)
        assert "is fit" in running.section("proven", LIMIT_S)
    is_done.write_text(made_from, encoding="utf-8")
    return done


def test_at_every_moment_the_card_starts_and_what_was_saved_is_old_or_new(recorded: Recorded) -> None:
    content = recorded.folder / "replayed.img"
    run(["cp", "--sparse=always", recorded.flashed, content])
    with content.open("r+b") as file:
        file.truncate(CARD_BYTES)
    log = entries(recorded.log)
    sites = SiteLog(log, recorded.log, content, editions=recorded.folder, first=0)

    judged = judge(
        content, recorded.log, {"A": recorded.slot, "B": recorded.slot}, sites, count=CUTS, samples=STARTED, seed=SEED
    )

    print(judged)
    assert judged.complaints == [], "\n".join(judged.complaints)
    assert judged.cuts >= 1000
    assert {"starts A", "starts B", *(f"site {number}" for number in range(EDITIONS))} <= judged.seen.keys()
    assert sites.torn == set(range(EDITIONS))


def test_some_of_these_cards_are_really_started_and_prove_themselves(recorded: Recorded) -> None:
    found = sorted(recorded.folder.glob("sample-*.img"))
    assert len(found) >= STARTED
    for card in found:
        script = f"{INSTALL}look health 'journalctl -q --no-pager -o cat -u companion-health -u companion-data'\n"
        script += f"look site '{TAKEN}'\n"
        with machine(
            card,
            recorded.folder / f"{card.stem}.log",
            script=script,
            drop_ins={"pi-companion.service": STANDING_IN},
            card_options=["-drive", f"file={card},if=none,id=card,format=raw"],
        ) as running:
            said, site = running.section("health", LIMIT_S), running.section("site", LIMIT_S)
        assert "is fit" in said, (card, said)
        assert re.search("^(a new|the last good) site is in effect.*mistakes: 0$", site, re.MULTILINE), (card, site)
