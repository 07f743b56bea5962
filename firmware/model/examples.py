"""From recordings to training examples: a pass is every utterance once, freshly varied, as MFCC with its CTC labels.

Single words of one speaker join to pseudo-sentences, throats and tempo change, rooms and lines are put over it, and
sounds without words come with no label at all. A pass is wholly decided by its number.
"""

import random
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
import numpy.typing as npt
import soundfile as sf

from firmware.model import augment, corpus, features, nonspeech, units
from firmware.model.augment import Rng, Samples
from firmware.model.corpus import Utterance

RATE_HZ = corpus.RATE_HZ
LONGEST_FRAMES = 1100
_HUMMING = "pinyin_agj_cleaned"  # mains hum below its voice
_REPEAT = {"synthetic": 3}  # in each pass: the only source with many voices and sentences
_NONSPEECH = 150  # sounds without words, in each pass


@dataclass(frozen=True, slots=True)
class Examples:
    """Examples one after the other: rows of features, and labels without blanks."""

    frames: npt.NDArray[np.float16]
    """(all frames, 40)"""
    frame_counts: npt.NDArray[np.int32]
    labels: npt.NDArray[np.int32]
    label_counts: npt.NDArray[np.int32]

    def __iter__(self) -> Iterator[tuple[npt.NDArray[np.float16], npt.NDArray[np.int32]]]:
        """Each example: its frames and its labels."""
        ends, label_ends = np.cumsum(self.frame_counts), np.cumsum(self.label_counts)
        for end, count, label_end, labels in zip(ends, self.frame_counts, label_ends, self.label_counts, strict=True):
            yield self.frames[end - count : end], self.labels[label_end - labels : label_end]

    def save(self, path: Path) -> None:
        """Write to an .npz file, whole or not at all."""
        unfinished = path.with_suffix(".unfinished.npz")
        np.savez(
            unfinished,
            frames=self.frames,
            frame_counts=self.frame_counts,
            labels=self.labels,
            label_counts=self.label_counts,
        )
        unfinished.rename(path)

    @classmethod
    def load(cls, path: Path) -> "Examples":
        """Read what `save` wrote."""
        with np.load(path, allow_pickle=False) as file:
            return cls(file["frames"], file["frame_counts"], file["labels"], file["label_counts"])


def outputs(frames: int) -> int:
    """How many outputs the network gives for so many frames of 10 ms: one for every third."""
    return (frames + 2) // 3


@cache
def _recording(file: Path) -> npt.NDArray[np.int16]:
    samples: npt.NDArray[np.int16]
    samples, rate = sf.read(file, dtype="int16")
    if rate != RATE_HZ or samples.ndim != 1:
        raise corpus.MaterialError(f"{file}: has {rate} Hz, {samples.ndim} channels; must be {RATE_HZ} Hz, mono")
    return samples


def sound(utterance: Utterance) -> Samples:
    """Its samples, in 16-bit range; without the mains hum that one source has."""
    samples = _recording(utterance.file)[utterance.began : utterance.ended].astype(np.float32)
    if utterance.source == _HUMMING:
        samples = augment.band(samples, low_hz=100, high_hz=7900)
    return samples


def _paced(speech: Samples, syllables: int, rng: Rng) -> Samples:
    """From another throat, at a tempo that people talk at: 3.2 to 6.8 syllables a second, words alone slower."""
    speech = augment.trimmed(speech)
    if rng.random() < 0.8:
        speech = augment.other_throat(speech, float(rng.uniform(0.85, 1.18)))
    wanted = rng.uniform(3.2, 6.8) if syllables > 2 else rng.uniform(2.0, 4.5)
    factor = float(np.clip(wanted * len(speech) / RATE_HZ / syllables, 0.75, 2.2))
    return augment.faster(speech, factor) if abs(factor - 1) > 0.06 else speech


def plan(utterances: Sequence[Utterance], number: int) -> list[tuple[Utterance, ...]]:
    """The groups of pass `number`: sentences as they are, words joined."""
    rng = random.Random(f"plan {number}")  # noqa: S311 - choices, not secrets
    groups: list[tuple[Utterance, ...]] = []
    sources: dict[str, list[Utterance]] = {}
    for utterance in corpus.for_training(utterances):
        sources.setdefault(utterance.source, []).append(utterance)
    for source, own in sorted(sources.items()):
        for _ in range(_REPEAT.get(source, 1)):
            words = [utterance for utterance in own if corpus.is_single_words(utterance)]
            groups += [(utterance,) for utterance in own if not corpus.is_single_words(utterance)]
            groups += corpus.sentence_plan(rng, words)
    rng.shuffle(groups)
    return groups


def make_pass(utterances: Sequence[Utterance], number: int) -> Examples:
    """One freshly varied copy of everything that may be trained on; says how far it is."""
    groups = plan(utterances, number)
    pool = [sound(group[0]) for group in groups[:300] if group[0].seconds > 1]
    frames: list[npt.NDArray[np.float16]] = []
    labels: list[list[int]] = []
    began = said = time.monotonic()
    for index, group in enumerate((*groups, *((),) * _NONSPEECH)):
        rng = np.random.default_rng((number, index))
        pinyin = [syllable for utterance in group for syllable in utterance.pinyin]
        if group:
            words = [sound(utterance) for utterance in group]
            speech = augment.joined(words, rng) if len(words) > 1 else words[0]
            speech = _paced(speech, len(pinyin), rng)
        else:
            speech = nonspeech.silence_of_words(rng)
        mfcc = features.mfcc(augment.vary(speech, pool, rng) if group else augment.vary(speech, (), rng))
        label = units.encode(pinyin)
        if outputs(len(mfcc)) > len(label) and len(mfcc) <= LONGEST_FRAMES:
            frames.append(mfcc.astype(np.float16))
            labels.append(label)
        if time.monotonic() - said > 20:
            said = time.monotonic()
            minutes = sum(map(len, frames)) / 6000
            print(
                f"features: pass {number}, {100 * index // (len(groups) + _NONSPEECH)} %, {minutes:.0f} min of speech"
                f" in {(said - began) / 60:.1f} min",
                flush=True,
            )
    return Examples(
        np.concatenate(frames),
        np.array([len(frame) for frame in frames], np.int32),
        np.array([unit for label in labels for unit in label], np.int32),
        np.array([len(label) for label in labels], np.int32),
    )
