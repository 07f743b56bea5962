"""What would be on the card if the power had gone just then? Replays the log that QEMU keeps of every write.

A write is safe once a flush that began after it is done. Until then a card may have done it, not done it, or done a
part of it: `Cut` takes all that was flushed, some of the rest, and tears one write in the middle of its sectors.
"""

import struct
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import BinaryIO, Final, Self

MAGIC: Final = 0x6A736677736872
FLUSH: Final = 1
FUA: Final = 2
DISCARD: Final = 4
MARK: Final = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One thing that was asked of the card: a write, a discard, or a flush (`size` 0). Bytes; `data_at` in the log."""

    offset: int
    size: int
    flags: int
    data_at: int

    @property
    def is_flush(self) -> bool:
        """Everything before it is safe."""
        return bool(self.flags & FLUSH)

    @property
    def is_write(self) -> bool:
        """It changes what is on the card."""
        return self.size > 0 and not self.flags & MARK


def entries(log: Path) -> list[Entry]:
    """Return what a log of QEMU's blklogwrites driver holds, in order; a torn end is left out. Raises ValueError."""
    with log.open("rb") as file:
        head = file.read(28)
        if len(head) < 28:
            raise ValueError(f"{log}: {len(head)} bytes are no write log")
        magic, version, _, sector = struct.unpack("<QQQI", head)
        if magic != MAGIC or version != 1:
            raise ValueError(f"{log}: no write log of version 1 (magic {magic:#x}, version {version})")
        return list(_entries(file, sector, log.stat().st_size))


def _entries(file: BinaryIO, sector: int, length: int) -> Iterator[Entry]:
    at = sector
    while at + sector <= length:
        file.seek(at)
        start, count, flags, _ = struct.unpack("<QQQQ", file.read(32))
        if not flags and not count:
            return
        size, data_at = count * sector, at + sector
        at = data_at + (0 if flags & DISCARD else size)
        if at > length:
            return
        yield Entry(offset=start * sector, size=size, flags=flags, data_at=data_at)


@dataclass(frozen=True, slots=True, kw_only=True)
class Cut:
    """A moment at which the power goes: after `safe` entries, with `lost` of those up to `begun` undone, one torn.

    `torn_bytes`: how much of entry `begun` reached the card.
    """

    safe: int
    begun: int
    lost: frozenset[int]
    torn_bytes: int


def cuts(log: list[Entry], count: int, random: Random) -> list[Cut]:
    """Return `count` moments, spread evenly at random over the entries of a log, in order."""
    moments = sorted(random.choices(range(len(log)), k=count))
    found, safe, position = [], 0, 0
    for moment in moments:
        while position < moment:
            position += 1
            if log[position - 1].is_flush:
                safe = position
        unsafe = [index for index in range(safe, moment) if log[index].is_write]
        lost = frozenset(index for index in unsafe if random.random() < 0.5) if random.random() < 0.75 else frozenset()
        entry = log[moment]
        torn = random.randrange(entry.size // 512 + 1) * 512 if entry.is_write else 0
        found.append(Cut(safe=safe, begun=moment, lost=lost, torn_bytes=torn))
    return found


def changes(log: list[Entry], cut: Cut) -> Iterator[tuple[Entry, int]]:
    """Return the writes that reached the card since the flush before the cut, each with how many of its bytes."""
    for index in range(cut.safe, cut.begun):
        if index not in cut.lost and log[index].is_write:
            yield log[index], log[index].size
    if cut.torn_bytes:
        yield log[cut.begun], cut.torn_bytes


class Card:
    """A card's content while a log is replayed on it; what a cut adds is taken back by `restored`."""

    def __init__(self, content: Path, log: Path) -> None:
        """Replay on `content`, which is changed."""
        self.file = content.open("r+b")
        self.log = log.open("rb")
        self.entries = entries(log)
        self.done = 0

    def __enter__(self) -> Self:
        """Return itself."""
        return self

    def __exit__(self, *_: object) -> None:
        """Close both files."""
        self.file.close()
        self.log.close()

    def advance(self, safe: int) -> list[Entry]:
        """Do everything before entry `safe`; return the writes that were done."""
        did = [each for each in self.entries[self.done : safe] if each.is_write]
        for entry in did:
            self._write(entry, entry.size)
        self.done = max(self.done, safe)
        self.file.flush()
        return did

    def cut(self, cut: Cut) -> list[tuple[int, bytes]]:
        """Do what reached the card at a cut; return what was there before, for `restore`."""
        before = []
        for entry, size in changes(self.entries, cut):
            self.file.seek(entry.offset)
            before.append((entry.offset, self.file.read(size)))
            self._write(entry, size)
        self.file.flush()
        return before

    def restore(self, before: list[tuple[int, bytes]]) -> None:
        """Take back what a cut did."""
        for offset, content in reversed(before):
            self.file.seek(offset)
            self.file.write(content)
        self.file.flush()

    def data(self, entry: Entry, size: int) -> bytes:
        """Return what an entry writes; a discard may leave zeros."""
        if entry.flags & DISCARD:
            return bytes(size)
        self.log.seek(entry.data_at)
        return self.log.read(size)

    def _write(self, entry: Entry, size: int) -> None:
        self.file.seek(entry.offset)
        self.file.write(self.data(entry, size))
