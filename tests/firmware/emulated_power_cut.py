"""A power cut at any write: does the card always start, and is what was saved the old or the new, never broken?

An emulated unit lives through its first start, saves, an update and the start of the new slot while QEMU keeps a log of
every write. The log is then replayed up to `CUTS` random moments. At each, the writes since the last flush are kept or
lost at random and one is torn; what is on the card then is checked, and a few of those cards are really started.
"""

import json
import shutil
import subprocess
import tomllib
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from typing import Final

import pytest

from firmware import layout
from firmware.layout import BOOT, DATA, MIB, SLOT_A, SLOT_B
from firmware.tools import BUILD, run
from tests.firmware.emulated_update import INSTALL, stick_of
from tests.firmware.machine import CARD_BYTES, card_of, machine
from tests.firmware.write_log import Card, Cut, Entry, cuts, entries

CUTS: Final = 1200
STARTED: Final = 3
SEED: Final = 20261130
LIMIT_S: Final = 3600
BLOCK: Final = 4096
SAVES: Final = 12

# What the unit saves: what it learned at the desk, and the site that was found good, each by the program's own code.
SAVE: Final = f"""
import os, sys
from pathlib import Path
from pi_companion import station_file
for number in range({SAVES}):
    learned = {{"ring_period_ms": 4000 + number, "pace_pct": 80 + number}}
    station_file.store(Path("/var/lib/pi-companion/station.toml"), learned)
"""

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


@dataclass(kw_only=True)
class Slot:
    """Which blocks of a slot are not what a whole slot holds; looked at again only where something was written."""

    start: int
    whole: Path
    wrong: set[int] = field(default_factory=set)

    def look(self, card: Path, entries: list[tuple[Entry, int]]) -> None:
        """Look at what these writes may have changed."""
        length = self.whole.stat().st_size
        blocks: set[int] = set()
        for entry, size in entries:
            first, last = entry.offset - self.start, entry.offset + size - 1 - self.start
            if last >= 0 and first < length:
                blocks.update(range(max(first, 0) // BLOCK, min(last, length - 1) // BLOCK + 1))
        if not blocks:
            return
        with card.open("rb") as is_there, self.whole.open("rb") as wanted:
            for block in blocks:
                is_there.seek(self.start + block * BLOCK)
                wanted.seek(block * BLOCK)
                (self.wrong.discard if is_there.read(BLOCK) == wanted.read(BLOCK) else self.wrong.add)(block)

    def look_at_all(self, card: Path) -> None:
        """Look at every block."""
        self.look(
            card,
            [(Entry(offset=self.start, size=self.whole.stat().st_size, flags=0, data_at=0), self.whole.stat().st_size)],
        )


def chosen(card: Path) -> str | None:
    """Return the slot that the boot script would start; as in firmware/boot/boot.cmd, and emulated_u_boot.py."""
    with card.open("rb") as file:
        copies = []
        for place in (layout.FIRST_STATE, layout.SECOND_STATE):
            file.seek(place)
            copies.append(layout.read_state(file.read(layout.STATE_BYTES)))
    state = next((copy for copy in copies if copy), None)
    if state is None:
        return None
    for slot in (*state["BOOT_ORDER"].split(), "A", "B"):
        if state[f"BOOT_{slot}_LEFT"] != "0":
            return slot
    return state["BOOT_ORDER"].split()[0]


def partitions(card: Path) -> bytes:
    with card.open("rb") as file:
        return file.read(512)


def saved(card: Path, folder: Path) -> str:
    """Return what was saved at the desk: `none`, or a number of the save; mends the data as a start would."""
    data = folder / "data.img"
    data.unlink(missing_ok=True)
    run(
        [
            "dd",
            f"if={card}",
            f"of={data}",
            "bs=1M",
            f"skip={DATA.start // MIB}",
            f"count={DATA.size // MIB}",
            "conv=sparse",
            "status=none",
        ]
    )
    checked = subprocess.run(["e2fsck", "-p", data], capture_output=True, text=True, check=False)
    if checked.returncode > 1:
        return f"broken: e2fsck {checked.returncode}: {checked.stdout[-300:]}"
    shown = subprocess.run(
        ["debugfs", "-R", "cat /pi-companion/station.toml", data], capture_output=True, text=True, check=False
    )
    if "File not found" in shown.stderr:
        return "none"
    try:
        station = tomllib.loads(shown.stdout)["station"]
    except (tomllib.TOMLDecodeError, KeyError):
        return f"broken: {shown.stdout[:200]!r}"
    ring, pace = station["ring_period_ms"], station["pace_pct"]
    return str(ring - 4000) if ring - 4000 == pace - 80 and 0 <= ring - 4000 < SAVES else f"broken: mixed {station}"


def touches(entry: Entry, start: int, end: int) -> bool:
    return entry.is_write and entry.offset < end and entry.offset + entry.size > start


def moments(log: list[Entry], random: Random) -> list[Cut]:
    """Return cuts all over the log, and as many again where the few writes are that matter most."""
    everywhere = cuts(log, CUTS // 2, random)
    found = {cut.begun: cut for cut in everywhere}
    state = [i for i, e in enumerate(log) if touches(e, layout.FIRST_STATE, BOOT.start) or touches(e, 0, 512)]
    data = [i for i, e in enumerate(log) if touches(e, DATA.start, DATA.end)]
    for places in (state, data):
        for index in random.choices(places, k=CUTS // 4):
            for near in (index, min(index + 1, len(log) - 1)):
                found.setdefault(near, cuts_at(log, near, random))
    # Moments drawn twice are one: drawn on until there are enough.
    while len(found) < CUTS:
        index = random.randrange(len(log))
        found.setdefault(index, cuts_at(log, index, random))
    return [found[index] for index in sorted(found)]


def cuts_at(log: list[Entry], moment: int, random: Random) -> Cut:
    """Return a cut at one entry."""
    safe = next((index + 1 for index in range(moment - 1, -1, -1) if log[index].is_flush), 0)
    unsafe = [index for index in range(safe, moment) if log[index].is_write]
    lost = frozenset(index for index in unsafe if random.random() < 0.5)
    torn = random.randrange(log[moment].size // 512 + 1) * 512 if log[moment].is_write else 0
    return Cut(safe=safe, begun=moment, lost=lost, torn_bytes=torn)


def test_at_every_moment_the_card_starts_and_what_was_saved_is_old_or_new(recorded: Recorded) -> None:
    log = entries(recorded.log)
    random = Random(SEED)  # noqa: S311 - moments, no secret
    content = recorded.folder / "replayed.img"
    run(["cp", "--sparse=always", recorded.image, content])
    with content.open("r+b") as file:
        file.truncate(CARD_BYTES)
    slots = {"A": Slot(start=SLOT_A.start, whole=recorded.slot), "B": Slot(start=SLOT_B.start, whole=recorded.slot)}
    for slot in slots.values():
        slot.look_at_all(content)
    assert not slots["A"].wrong
    assert slots["B"].wrong
    planned = moments(log, random)
    to_start = set(random.sample(range(len(planned)), STARTED))
    seen: Counter[str] = Counter()
    complaints: list[str] = []
    remembered: dict[tuple[object, ...], str] = {}
    last = "none"
    with Card(content, recorded.log) as replay:
        for number, cut in enumerate(planned):
            did = replay.advance(cut.safe)
            whole = [(entry, entry.size) for entry in did]
            before = replay.cut(cut)
            after = [(entry, size) for entry, size in _reached(log, cut)]
            for slot in slots.values():
                slot.look(content, [*whole, *after])
            where = f"cut {number} at entry {cut.begun} of {len(log)}"
            slot_name = chosen(content)
            seen[f"starts {slot_name}"] += 1
            if slot_name is None or slots[slot_name].wrong:
                complaints.append(f"{where}: slot {slot_name} would be started and is not whole")
            if any(touches(entry, BOOT.start, BOOT.end) for entry, _ in after):
                complaints.append(f"{where}: the FAT partition is written")
            key = (
                cut.safe and _count(log, cut.safe),
                *(e for e, _ in after if touches(e, DATA.start, DATA.end)),
                partitions(content),
            )
            if key not in remembered:
                remembered[key] = saved(content, recorded.folder)
            value = remembered[key]
            seen["saved: " + ("a number" if value.isdigit() else value[:6])] += 1
            if value.startswith("broken") and last != "none":
                complaints.append(f"{where}: {value}")
            if last != "none" and value == "none":
                complaints.append(f"{where}: what was saved is gone")
            last = value if value.isdigit() else last
            if number in to_start:
                run(["cp", "--sparse=always", content, recorded.folder / f"start-{number}.img"])
            replay.restore(before)
            for slot in slots.values():
                slot.look(content, after)
    print(
        f"{len(planned)} cuts over {len(log)} entries, {len(remembered)} different data partitions: {json.dumps(seen)}"
    )
    assert len(planned) >= 1000
    assert complaints == []
    assert seen["starts A"] > 0
    assert seen["starts B"] > 0


def _reached(log: list[Entry], cut: Cut) -> list[tuple[Entry, int]]:
    reached = [
        (log[index], log[index].size)
        for index in range(cut.safe, cut.begun)
        if index not in cut.lost and log[index].is_write
    ]
    return [*reached, (log[cut.begun], cut.torn_bytes)] if cut.torn_bytes else reached


_COUNTS: dict[int, int] = {}


def _count(log: list[Entry], safe: int) -> int:
    """Return how many writes to the data partition there are before an entry."""
    if not _COUNTS:
        total = 0
        for index, entry in enumerate(log):
            _COUNTS[index] = total
            total += touches(entry, DATA.start, DATA.end)
        _COUNTS[len(log)] = total
    return _COUNTS[safe]


def test_some_of_these_cards_are_really_started_and_prove_themselves(recorded: Recorded) -> None:
    found = sorted(recorded.folder.glob("start-*.img"))
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
