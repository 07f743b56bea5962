"""What the model is trained on: the recordings of a folder, who speaks in them, and who is kept for evaluation.

A material folder holds `synthetic/` and `human/`, each with `manifest.tsv` (file, first and last sample at 16 kHz,
speaker, text, toneless pinyin, and for people the licence), `voices/` and `lm-text.txt`. material.sha256 beside this
file names every file of it that the bundled model was made from.
"""

import hashlib
import random
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

RATE_HZ = 16_000
HELD_OUT_SPEAKERS = frozenset({"dsp20_05", "dsp20_12", "dsp20_19", "dsp20_26", "dsp20_33"})
EVALUATION_ONLY = "aishell"  # speakers whose recordings are never trained on
_SYNTHETIC_LICENCE = "Apache-2.0"
HASHES = Path(__file__).with_name("material.sha256")


class MaterialError(Exception):
    """The training material is not where it should be, or is not what the bundled model was made from."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Utterance:
    """A stretch of a recording and what is said in it."""

    file: Path
    began: int
    """first sample, at 16 kHz"""
    ended: int
    """sample after the last one"""
    speaker: str
    pinyin: tuple[str, ...]
    licence: str
    text: str = ""

    @property
    def source(self) -> str:
        """The collection it is of: the file's name up to its first `-`, or `synthetic`."""
        return self.file.name.split("-")[0] if "-" in self.file.name else "synthetic"

    @property
    def seconds(self) -> float:
        """How long it is."""
        return (self.ended - self.began) / RATE_HZ


def read_manifest(path: Path) -> list[Utterance]:
    """All utterances of a manifest; MaterialError names the line that is not understood."""
    utterances = []
    for number, line in enumerate(path.read_text("utf-8").splitlines(), 1):
        fields = line.split("\t")
        if number == 1 and fields[0] == "file":
            continue
        try:
            file, began, ended, speaker, text, pinyin, *licence = fields
            utterance = Utterance(
                file=path.parent / file,
                began=int(began),
                ended=int(ended),
                speaker=speaker,
                pinyin=tuple(pinyin.split()),
                licence=licence[0] if licence else _SYNTHETIC_LICENCE,
                text=text,
            )
        except ValueError:
            raise MaterialError(
                f"{path}: line {number} is not `file began ended speaker text pinyin [licence]` with tabs: {line!r}"
            ) from None
        if not 0 <= utterance.began < utterance.ended or not utterance.pinyin:
            raise MaterialError(f"{path}: line {number} has no sound or no pinyin: {line!r}")
        utterances.append(utterance)
    return utterances


def for_training(utterances: Iterable[Utterance]) -> list[Utterance]:
    """Those that may be trained on: no speaker or voice kept for evaluation, not even in a blend."""
    return [utterance for utterance in utterances if not kept_for_evaluation(utterance.speaker)]


def kept_for_evaluation(speaker: str) -> bool:
    """Whether a speaker, a voice or a part of a blend (`first+second*share`) is kept for evaluation."""
    if speaker.startswith(EVALUATION_ONLY) or speaker in HELD_OUT_SPEAKERS:
        return True
    return any(voice in speaker for voice in ("zf_xiaoyi", "zm_yunyang"))


def check_material(root: Path, hashes: Path = HASHES) -> None:
    """Raise MaterialError unless every file that material.sha256 names is below `root`, unchanged."""
    missing, changed = [], []
    for line in hashes.read_text("utf-8").splitlines():
        digest, name = line.split(maxsplit=1)
        path = root / name
        if not path.is_file():
            missing.append(name)
        elif hashlib.sha256(path.read_bytes()).hexdigest() != digest:
            changed.append(name)
    if missing or changed:
        what = [
            f"{len(names)} {state} (first: {names[0]})"
            for names, state in ((missing, "missing"), (changed, "changed"))
            if names
        ]
        raise MaterialError(
            f"training material in {root}: {', '.join(what)}. It is no part of this repository (recordings of other"
            f" people, under their licences); firmware/model/README.md says where each comes from."
            f" Say where it lies: make model MATERIAL=/folder"
        )


def sources(utterances: Iterable[Utterance]) -> list[dict[str, str | float | int]]:
    """One row a source and licence, for the model card: source, licence, speakers, utterances, hours."""
    rows: dict[tuple[str, str], list[Utterance]] = {}
    for utterance in utterances:
        rows.setdefault((utterance.source, utterance.licence), []).append(utterance)
    return [
        {
            "source": source,
            "licence": licence,
            "speakers": len({utterance.speaker for utterance in group}),
            "utterances": len(group),
            "hours": round(sum(utterance.seconds for utterance in group) / 3600, 2),
        }
        for (source, licence), group in sorted(rows.items())
    ]


def is_single_words(utterance: Utterance) -> bool:
    """Whether its source has words or syllables alone, which are joined to pseudo-sentences."""
    return utterance.source != "synthetic" and len(utterance.pinyin) <= 6


def sentence_plan(rng: random.Random, words: Sequence[Utterance]) -> list[tuple[Utterance, ...]]:
    """Every word once, in groups of one speaker: one in eight stays alone, the others join to 3 to 12 syllables."""
    speakers: dict[str, list[Utterance]] = {}
    for word in words:
        speakers.setdefault(word.speaker, []).append(word)
    groups: list[tuple[Utterance, ...]] = []
    for speaker in sorted(speakers):
        own = list(speakers[speaker])
        rng.shuffle(own)
        group: list[Utterance] = []
        wanted = 0
        for word in own:
            if not group:
                wanted = 1 if rng.random() < 0.125 else rng.randint(3, 12)
            group.append(word)
            if sum(len(member.pinyin) for member in group) >= wanted:
                groups.append(tuple(group))
                group = []
        if group:
            groups.append(tuple(group))
    return groups
