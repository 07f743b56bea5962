"""How is each hanzi read where it stands? Toneless pinyin, as the package pypinyin gives it, from a table on the disk.

`readings.txt` has a line for each hanzi, with its first reading, and one for each phrase that pypinyin knows, in the
order of their bytes; a phrase has readings of its own only where they are not those of its hanzi one by one. It is
mapped and searched, never loaded: as dictionaries it would be half of the device's memory.
"""

import mmap
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Final

_TABLE: Final = Path(__file__).with_name("readings.txt")


def of_run(run: str) -> list[str]:
    """Return one reading per hanzi of an unbroken run."""
    return [reading for word in _cut(run) for reading in of_word(word)]


def of_word(word: str) -> list[str]:
    """Return the readings of a phrase of the table, or of a hanzi; one that has none stays itself."""
    found, own = next(_lines(word), ("", ""))
    if found == word and own:
        return own.split()
    return [word] if len(word) == 1 else [of_word(char)[0] for char in word]


def words() -> Iterator[str]:
    """Return every hanzi that has a reading and every phrase, in order."""
    with _TABLE.open(encoding="utf-8") as lines:
        next(lines)  # says where they are from
        for line in lines:
            yield line.rstrip().partition("\t")[0]


def _cut(run: str) -> Iterator[str]:
    """Cut a run into phrases, the longest at each place, from the left; hanzi outside of phrases are alone."""
    while len(run) > 1:
        longest, is_begun = 1, False
        for word, _ in _lines(run[:2]):
            if not word.startswith(run[:2]):
                break
            if run.startswith(word):
                longest = len(word)
            is_begun = is_begun or word.startswith(run)
        if longest == 1 and is_begun:
            break  # as pypinyin has it: what is only the beginning of a phrase is not looked into any more
        yield run[:longest]
        run = run[longest:]
    yield from run


def _lines(since: str) -> Iterator[tuple[str, str]]:
    """Return each word of the table that is not before this one, with the readings of its own."""
    table, key = _table(), since.encode()
    low, high = table.find(b"\n") + 1, len(table)  # the first line says where they are from
    while low < high:
        begins = table.rfind(b"\n", low, (low + high) // 2) + 1 or low
        ends = table.find(b"\n", begins) + 1
        if table[begins:ends] < key:
            low = ends
        else:
            high = begins
    while low < len(table):
        ends = table.find(b"\n", low)
        word, _, own = table[low:ends].decode().partition("\t")
        yield word, own
        low = ends + 1


@cache
def _table() -> mmap.mmap:
    with _TABLE.open("rb") as file:
        return mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
