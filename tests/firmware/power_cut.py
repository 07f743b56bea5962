"""Is a card whole at every moment at which the power may go? Judges the replay of a write log, cut by cut.

Whole: the slot that the boot script would start has every byte that it should, so has what starts the board, and what
was saved at the desk is there as it was before or after a save, a site (`site_cut.py`) as before or after it was taken.
"""

import json
import os
import subprocess
import tomllib
from collections import Counter
from contextlib import suppress
from dataclasses import dataclass, field, replace
from pathlib import Path
from random import Random
from typing import Final

from firmware import layout
from firmware.layout import BOOT, DATA, SLOT_A, SLOT_B
from firmware.tools import run
from tests.firmware.site_cut import SiteLog
from tests.firmware.write_log import Card, Cut, Entry, entries

BLOCK: Final = 4096
SAVES: Final = 12


def save_script(place: str, first: int = 0) -> str:
    """Return a program that saves `SAVES` times what was learned, by the device's own code, counting from `first`."""
    return f"""
from pathlib import Path
from pi_companion import station_file
for number in range({first}, {first + SAVES}):
    station_file.store(Path("{place}"), {{"ring_period_ms": 4000 + number, "pace_pct": 80 + number}})
"""


@dataclass(frozen=True, kw_only=True)
class Judged:
    """What was found at the cuts. `complaints`: every moment at which the card was not whole. `kept`: sample cards."""

    cuts: int
    entries: int
    data_states: int
    seen: Counter[str]
    complaints: list[str]
    kept: list[tuple[Path, str]]

    def __str__(self) -> str:
        """Return the figures in one line."""
        told = json.dumps(self.seen)
        return f"{self.cuts} cuts over {self.entries} writes and flushes, {self.data_states} different cards: {told}"


def judge(
    content: Path,
    log_file: Path,
    whole: dict[str, Path],
    sites: SiteLog,
    *,
    count: int,
    samples: int,
    seed: int,
) -> Judged:
    """Replay a log on `content`, a card as it was before, and look at it at `count` moments.

    `whole`: what each slot holds when it is whole. `samples`: so many of the cards are kept as files.
    """
    log, random = entries(log_file), Random(seed)  # noqa: S311 - moments, no secret
    starts = {"A": SLOT_A.start, "B": SLOT_B.start}
    slots = {name: Slot(start=starts[name], whole=path) for name, path in whole.items()}
    for slot in slots.values():
        slot.look_at_all(content)
    planned = moments(log, count, random, sites)
    wanted = set(random.sample(range(len(planned)), samples))
    things = Kept(content, log, sites)
    seen: Counter[str] = Counter()
    complaints: list[str] = []
    kept: list[tuple[Path, str]] = []
    with Card(content, log_file) as replay:
        for number, cut in enumerate(planned):
            did = [(entry, entry.size) for entry in replay.advance(cut.safe)]
            before_it = Cut(safe=cut.safe, begun=cut.safe, lost=frozenset(), torn_bytes=0)
            least = things.look(before_it)[0]
            before = replay.cut(cut)
            after = _reached(log, cut)
            for slot in slots.values():
                slot.look(content, [*did, *after])
            where = f"cut {number} at {cut.begun} of {len(log)}"
            name = chosen(content)
            seen[f"starts {name}"] += 1
            if name is None or slots[name].wrong:
                complaints.append(f"{where}: slot {name} would be started and is not whole")
            value, site, wrong = things.look(cut)
            complaints += [f"{where}: {each}" for each in wrong]
            seen[f"saved {'a number' if value.isdigit() else value.partition(':')[0]}"] += 1
            seen[f"site {site}"] += 1
            # What was flushed stays, or something newer is there; what was never flushed may be there or not.
            is_less = least.isdigit() and (not value.isdigit() or int(value) < int(least))
            if value.startswith("broken") or is_less:
                complaints.append(f"{where}: saved was {least}, found is {value}")
            if number in wanted:
                kept.append((content.with_name(f"sample-{number}.img"), str(name)))
                run(["cp", "--sparse=always", content, kept[-1][0]])
            replay.restore(before)
            for slot in slots.values():
                slot.look(content, after)
    return Judged(
        cuts=len(planned), entries=len(log), data_states=len(things.known), seen=seen, complaints=complaints, kept=kept
    )


class Kept:
    """Looks at what is kept on a card that is cut, once for each that is another: saves, and the site."""

    def __init__(self, card: Path, log: list[Entry], sites: SiteLog) -> None:
        self._card, self._log, self._sites = card, log, sites
        self._writes_before = _kept_writes(log)
        self.known: dict[tuple[object, ...], tuple[str, str, list[str]]] = {}

    def look(self, cut: Cut) -> tuple[str, str, list[str]]:
        """Return what was saved, which edition of the site is in effect, and what is wrong with that."""
        unsafe = tuple(each for each in _reached(self._log, cut) if _is_kept(each[0]))
        marks = self._sites.state(cut.begun), self._sites.state(cut.safe)
        key = (self._writes_before[cut.safe], unsafe, partitions(self._card), marks)
        if key not in self.known:
            value, data = saved(self._card, self._card.parent)
            self.known[key] = (value, *self._sites.judge(self._card, data, cut.begun, cut.safe))
        return self.known[key]


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


def saved(card: Path, folder: Path) -> tuple[str, Path]:
    """Return what was saved at the desk, and its data partition, mended as a start would.

    `unmade`: there is no file system yet; `none`: nothing was saved; else the number of the save.
    """
    data = folder / "data.img"
    _copy_partition(card, data)
    # As firmware/overlay/usr/lib/pi-companion/data does.
    has_partition = partitions(card)[494:510] != bytes(16)
    for options in ("-p", "-fy"):
        checked = subprocess.run(["e2fsck", options, data], capture_output=True, text=True, check=False)
        if has_partition and checked.returncode <= 1:
            break
    else:
        run(["mke2fs", "-q", "-F", "-t", "ext4", data])
        return "unmade", data
    shown = subprocess.run(
        ["debugfs", "-R", "cat /pi-companion/station.toml", data], capture_output=True, text=True, check=False
    )
    if "File not found" in shown.stderr:
        return "none", data
    try:
        station = tomllib.loads(shown.stdout)["station"]
    except (tomllib.TOMLDecodeError, KeyError):
        return f"broken: {shown.stdout[:200]!r}", data
    ring, pace = station["ring_period_ms"], station["pace_pct"]
    is_whole = ring - 4000 == pace - 80 and 0 <= ring - 4000 < 2 * SAVES
    return str(ring - 4000) if is_whole else f"broken: mixed {station}", data


def _copy_partition(card: Path, data: Path) -> None:
    """Copy the data partition out of a card; only what was ever written there is read."""
    with card.open("rb") as source, data.open("wb") as copy:
        copy.truncate(DATA.size)
        at = DATA.start
        with suppress(OSError):  # nothing but a hole up to the end
            while (at := os.lseek(source.fileno(), at, os.SEEK_DATA)) < DATA.end:
                end = min(os.lseek(source.fileno(), at, os.SEEK_HOLE), DATA.end)
                source.seek(at)
                copy.seek(at - DATA.start)
                copy.write(source.read(end - at))
                at = end


def touches(entry: Entry, start: int, end: int) -> bool:
    return entry.is_write and entry.offset < end and entry.offset + entry.size > start


def moments(log: list[Entry], count: int, random: Random, sites: SiteLog) -> list[Cut]:
    """Return cuts all over the log, and as many again where the few writes are that matter most.

    Several may be at one entry: each loses and tears otherwise. None is made while IT writes. Where asterisks are
    written over a password, one more is made at every sector.
    """
    own = [index for index in range(len(log)) if sites.state(index)[0] != "editing"]
    state = [i for i in own if touches(log[i], layout.FIRST_STATE, BOOT.start) or touches(log[i], 0, 512)]
    data = [i for i in own if _is_kept(log[i])]
    near = [min(i + 1, own[-1]) for i in (*state, *data) if sites.state(i + 1)[0] != "editing"]
    drawn = random.choices(own, k=count - 3 * (count // 6))
    for places in (state, data, near):
        drawn += random.choices(places, k=count // 6)
    planned = [cuts_at(log, moment, random) for moment in drawn]
    for index in sites.overwriting:
        cut = cuts_at(log, index, random)
        planned += [replace(cut, torn_bytes=torn) for torn in range(0, log[index].size + 1, layout.SECTOR)]
    return sorted(planned, key=lambda cut: cut.begun)


def cuts_at(log: list[Entry], moment: int, random: Random) -> Cut:
    """Return a cut at one entry."""
    safe = next((index + 1 for index in range(moment - 1, -1, -1) if log[index].is_flush), 0)
    unsafe = [index for index in range(safe, moment) if log[index].is_write]
    lost = frozenset(index for index in unsafe if random.random() < 0.5)
    torn = random.randrange(log[moment].size // 512 + 1) * 512 if log[moment].is_write else 0
    return Cut(safe=safe, begun=moment, lost=lost, torn_bytes=torn)


def _reached(log: list[Entry], cut: Cut) -> list[tuple[Entry, int]]:
    reached = [
        (log[index], log[index].size)
        for index in range(cut.safe, cut.begun)
        if index not in cut.lost and log[index].is_write
    ]
    return [*reached, (log[cut.begun], cut.torn_bytes)] if cut.torn_bytes else reached


def _is_kept(entry: Entry) -> bool:
    """Return whether a write is to a partition where something is kept: FAT or data."""
    return touches(entry, BOOT.start, BOOT.end) or touches(entry, DATA.start, DATA.end)


def _kept_writes(log: list[Entry]) -> list[int]:
    """Return how many writes there are before each entry to where something is kept."""
    found = [0]
    for entry in log:
        found.append(found[-1] + _is_kept(entry))
    return found
