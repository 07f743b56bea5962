"""A power cut at any write: does the card always start, and is what was saved the old or the new, never broken?

An emulated unit lives through its first start, saves, an update and the start of the new slot while QEMU keeps a log of
every write. The log is then replayed up to `CUTS` random moments. At each, the writes since the last flush are kept or
lost at random and one is torn; what is on the card then is checked, and a few of those cards are really started.
"""

import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import pytest

from firmware.tools import BUILD, run
from tests.firmware.emulated_update import INSTALL, stick_of
from tests.firmware.machine import CARD_BYTES, card_of, machine
from tests.firmware.power_cut import judge, save_script

CUTS: Final = 1200
STARTED: Final = 3
SEED: Final = 20261130
LIMIT_S: Final = 3600
SAVE: Final = save_script("/var/lib/pi-companion/station.toml")

# In slot A everything that is recorded, ending with a restart; in slot B only what the health check said.
RECORDED: Final = rf"""{INSTALL}
if grep -q rauc.slot=B /proc/cmdline; then
    look proven 'journalctl -q --no-pager -o cat -u companion-health'
    exit
fi
cat >/tmp/save.py <<'END'
{SAVE}
END
look save '/opt/pi-companion/bin/python /tmp/save.py; cat /var/lib/pi-companion/station.toml'
look install 'rauc install /run/stick/good.raucb; echo rc=$?'
sync
systemctl reboot
"""


@dataclass(frozen=True, kw_only=True)
class Recorded:
    """Everything that was written to a fresh card, in order; `slot`: what a whole slot holds."""

    image: Path
    slot: Path
    log: Path
    folder: Path


@pytest.fixture(scope="module")
def recorded(image: Path) -> Recorded:
    folder = BUILD / "tests" / "power-cut"
    slot = BUILD / "rootfs.ext4"
    log = folder / "writes.log"
    if (folder / "recorded").exists() and (folder / "recorded").stat().st_mtime > image.stat().st_mtime:
        return Recorded(image=image, slot=slot, log=log, folder=folder)
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    (bundle,) = (BUILD / "out").glob("*.raucb")
    shutil.copyfile(bundle, folder / "good.raucb")
    stick = stick_of(folder, [folder / "good.raucb"])
    card = card_of(image, folder / "recorded.qcow2")
    log.touch()
    options = [
        *("-blockdev", f"driver=qcow2,node-name=content,file.driver=file,file.filename={card}"),
        *("-blockdev", f"driver=raw,node-name=log,file.driver=file,file.filename={log}"),
        *("-blockdev", "driver=blklogwrites,node-name=card,file=content,log=log,log-sector-size=512"),
    ]
    with machine(card, folder / "record.log", script=RECORDED, stick=stick, card_options=options) as running:
        assert "rc=0" in running.section("install", LIMIT_S).splitlines()
        running.wait_for("companion: slot B,", LIMIT_S)
        assert "is fit" in running.section("proven", LIMIT_S)
    (folder / "recorded").touch()
    return Recorded(image=image, slot=slot, log=log, folder=folder)


def test_at_every_moment_the_card_starts_and_what_was_saved_is_old_or_new(recorded: Recorded) -> None:
    content = recorded.folder / "replayed.img"
    run(["cp", "--sparse=always", recorded.image, content])
    with content.open("r+b") as file:
        file.truncate(CARD_BYTES)

    judged = judge(
        content, recorded.log, {"A": recorded.slot, "B": recorded.slot}, count=CUTS, samples=STARTED, seed=SEED
    )

    print(judged)
    assert judged.complaints == []
    assert judged.cuts >= 1000
    assert {"starts A", "starts B"} <= judged.seen.keys()


def test_some_of_these_cards_are_really_started_and_prove_themselves(recorded: Recorded) -> None:
    found = sorted(recorded.folder.glob("sample-*.img"))
    assert len(found) >= STARTED
    for card in found:
        script = f"{INSTALL}look health 'journalctl -q --no-pager -o cat -u companion-health -u companion-data'"
        with machine(
            card,
            recorded.folder / f"{card.stem}.log",
            script=script,
            card_options=["-drive", f"file={card},if=none,id=card,format=raw"],
        ) as running:
            said = running.section("health", LIMIT_S)
        assert "is fit" in said, (card, said)
