"""What speech is there to measure on, and what is said in it? Labelled sound files, each told to be synthetic or not.

    a drill        drill.tsv: file, rule (`-`: a near miss), phrase, began_ms, ended_ms, text, voice; a file each
    negative       negative.tsv: file, began_ms, ended_ms, voice, text; many sentences a file
    recordings     manifest.tsv: file, began_sample, ended_sample, speaker, text, pinyin; of people

Law 9 does not touch these: they are recordings made for measuring, and their labels were written, not recognised.
"""

import csv
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
import numpy.typing as npt
import soundfile

from pi_companion import reading
from pi_companion.core.framer import SAMPLE_RATE_HZ
from pi_companion.errors import InputError, UsageError
from pi_companion.session.sound import whole
from pi_companion.speech.phonetics import syllables

Samples = npt.NDArray[np.int16]

_PER_MS: Final = SAMPLE_RATE_HZ // 1000
_MOST_BYTES: Final = 16 << 20
_NEAR_MISS: Final = "-"


class MaterialError(InputError):
    """A folder of labelled speech is not as it must be."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Drill:
    """One utterance. `rule`: the id that must fire; empty: a near miss. `began`, `ended`: its phrase, milliseconds."""

    file: Path
    rule: str
    began: int
    ended: int
    text: str
    voice: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Label:
    """What is said from `began` to `ended`, milliseconds of its file. `sounds`: its syllables, no tones."""

    began: int
    ended: int
    voice: str
    text: str
    sounds: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Stream:
    """A long recording in which nothing should fire, unless a label holds a phrase."""

    file: Path
    labels: tuple[Label, ...]
    are_people: bool


def read_drill(folder: Path) -> tuple[Drill, ...]:
    """Return the utterances of a drill folder in the order of its drill.tsv. Raises `UsageError`, `MaterialError`."""
    return tuple(
        Drill(
            file=folder / row["file"],
            rule="" if row["rule"] == _NEAR_MISS else row["rule"],
            began=_whole(folder / "drill.tsv", row, "began_ms"),
            ended=_whole(folder / "drill.tsv", row, "ended_ms"),
            text=row["text"],
            voice=row["voice"],
        )
        for row in _rows(folder / "drill.tsv", ("file", "rule", "began_ms", "ended_ms", "text", "voice"))
    )


def read_negative(folder: Path) -> tuple[Stream, ...]:
    """Return the streams of a folder of synthetic speech without phrases. Raises `UsageError`, `MaterialError`."""
    table = folder / "negative.tsv"
    rows = _rows(table, ("file", "began_ms", "ended_ms", "voice", "text"))
    return _streams(
        folder,
        [
            (
                row["file"],
                Label(
                    began=_whole(table, row, "began_ms"),
                    ended=_whole(table, row, "ended_ms"),
                    voice=row["voice"],
                    text=row["text"],
                    sounds=syllables(row["text"]),
                ),
            )
            for row in rows
        ],
        are_people=False,
    )


def read_recordings(folder: Path) -> tuple[Stream, ...]:
    """Return the streams of a folder of recorded people. Raises `UsageError`, `MaterialError`."""
    table = folder / "manifest.tsv"
    rows = _rows(table, ("file", "began_sample", "ended_sample", "speaker", "text", "pinyin"))
    return _streams(
        folder,
        [
            (
                row["file"],
                Label(
                    began=_whole(table, row, "began_sample") // _PER_MS,
                    ended=_whole(table, row, "ended_sample") // _PER_MS,
                    voice=row["speaker"],
                    text=row["text"],
                    sounds=tuple(row["pinyin"].split()) or syllables(row["text"]),
                ),
            )
            for row in rows
        ],
        are_people=True,
    )


def read_samples(file: Path) -> Samples:
    """Return a mono file at 16 kHz as 16-bit samples. Raises `MaterialError` for anything else."""
    try:
        reading.require_file(file)
        with soundfile.SoundFile(file) as sound:
            samples, rate_hz = whole(sound, "int16"), sound.samplerate
    except reading.Unreadable as why:
        raise MaterialError(file, [str(why)]) from None
    except (soundfile.SoundFileError, OSError) as error:
        raise MaterialError(file, [f"no readable sound: {error}"]) from error
    if rate_hz != SAMPLE_RATE_HZ or samples.shape[1] != 1:
        raise MaterialError(file, [f"found {samples.shape[1]} channel(s) at {rate_hz} Hz; allowed: one at 16000 Hz"])
    mono: Samples = samples[:, 0]
    return mono


def _rows(table: Path, columns: tuple[str, ...]) -> Iterator[dict[str, str]]:
    if not table.is_file():
        message = f"{table.parent}: no {table.name} there; give the folder that holds it"
        raise UsageError(message)
    try:
        lines = reading.text(table, _MOST_BYTES).splitlines(keepends=True)
    except reading.Unreadable as why:
        raise MaterialError(table, [str(why)]) from None
    # A label may hold a quotation mark: tabs are the only marks here.
    reader = csv.DictReader(lines, delimiter="\t", quoting=csv.QUOTE_NONE, restval="")
    try:
        if lacking := [column for column in columns if column not in (reader.fieldnames or ())]:
            raise MaterialError(table, [f"no column {column}" for column in lacking])
        for row in reader:
            if not row["file"]:
                raise MaterialError(table, [f"line {reader.line_num}: names no file"])
            yield row
    except csv.Error as error:
        raise MaterialError(table, [f"line {reader.line_num}: {error}"]) from None


def _whole(table: Path, row: Mapping[str, str], column: str) -> int:
    found = row[column] or "0"
    if not re.fullmatch("[0-9]{1,9}", found):
        raise MaterialError(table, [f"{row['file']}: {column} is {found!r}; allowed: a whole number"])
    return int(found)


def _streams(folder: Path, labelled: list[tuple[str, Label]], *, are_people: bool) -> tuple[Stream, ...]:
    by_file: dict[str, list[Label]] = {}
    for name, label in labelled:
        by_file.setdefault(name, []).append(label)
    return tuple(
        Stream(file=folder / name, labels=tuple(sorted(labels, key=lambda label: label.began)), are_people=are_people)
        for name, labels in by_file.items()
    )
