"""What is a model measured on? Clips by class, each with what is said in it; none of it was trained on.

Voices and speakers that training never had, sentences that no training text has, and sounds in which nobody speaks.
"""

import csv
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

import numpy as np
import soundfile
import soxr

from firmware.model import nonspeech
from firmware.model.corpus import HELD_OUT_SPEAKERS
from firmware.model.features import RATE_HZ
from firmware.model.units import canonical

TELEPHONE_HZ: Final = 8000
NOISE_DB: Final = 10
"""How far the noise lies below the speech."""

_EVERY: Final = {"aishell": 3, "dsp20": 1}
_A_LAW: Final = 87.6


@dataclass(frozen=True, slots=True, kw_only=True)
class Clip:
    """Samples, 16 bit, at a rate; `said`: toneless syllables."""

    samples: np.ndarray
    said: tuple[str, ...]
    rate_hz: int = RATE_HZ


@dataclass(frozen=True, slots=True, kw_only=True)
class Trial:
    """One row of the table. `clips` makes them anew each time."""

    title: str
    clips: Callable[[], Iterator[Clip]]


def trials(material: Path, synthetic: Path, drills: Path) -> list[Trial]:
    """Return the rows. `material`: of the training. `synthetic`: the voices held out. `drills`: with drill.tsv."""
    voices = sorted(synthetic.glob("*.tsv"))
    spoken = [Trial(title=f"synthetic voice {table.stem}, never trained on", clips=_table(table)) for table in voices]
    together = _chained([trial.clips for trial in spoken])
    human = material / "human"
    words = _human(human, lambda speaker: speaker in HELD_OUT_SPEAKERS, 1)
    read = _human(human, lambda speaker: speaker.startswith("aishell"), _EVERY["aishell"])
    return [
        *spoken,
        *_worse("both synthetic voices", together),
        Trial(title="drill calls: phrases and voices of the training", clips=_drill(drills)),
        Trial(title=f"people: single words, {len(HELD_OUT_SPEAKERS)} speakers never trained on", clips=words),
        *_worse("people: single words", words),
        Trial(title="people: AISHELL-1 sample, read news and commands", clips=read),
        *_worse("people: AISHELL-1 sample", read),
    ]


def silences(minutes: float, seed: int = 77) -> dict[str, np.ndarray]:
    """Return minutes of each kind of sound in which nobody speaks, in 16 bit, at several levels."""
    rng = np.random.default_rng(seed)
    found = {}
    for make in (nonspeech.noise, nonspeech.hum, nonspeech.ring, nonspeech.keys, nonspeech.breath, nonspeech.music):
        pieces = [
            make(10.0, rng) * 10 ** (rng.uniform(-45, -6) / 20) * 32767 for _ in range(max(1, round(minutes * 6)))
        ]
        found[make.__name__] = np.concatenate(pieces).clip(-32768, 32767).astype(np.int16)
    return found


def telephone(clip: Clip) -> Clip:
    """Return a clip as a telephone line leaves it: 300-3400 Hz, 8 kHz, A-law."""
    narrow = soxr.resample(clip.samples.astype(np.float64), clip.rate_hz, TELEPHONE_HZ)
    spectrum = np.fft.rfft(narrow)
    hertz = np.fft.rfftfreq(len(narrow), 1 / TELEPHONE_HZ)
    spectrum *= 1 / np.sqrt(1 + (250 / np.maximum(hertz, 1)) ** 8) / np.sqrt(1 + (hertz / 3500) ** 16)
    level = np.fft.irfft(spectrum, len(narrow)) / 32768
    scale = 1 + np.log(_A_LAW)
    size = np.abs(level)
    small = size < 1 / _A_LAW
    coded = np.sign(level) * np.where(small, _A_LAW * size, 1 + np.log(np.maximum(_A_LAW * size, 1))) / scale
    coded = np.round(coded * 127) / 127
    size = np.abs(coded) * scale
    back = np.sign(coded) * np.where(size < 1, size, np.exp(size - 1)) / _A_LAW
    return replace(clip, samples=(back * 32767).clip(-32768, 32767).astype(np.int16), rate_hz=TELEPHONE_HZ)


def noisy(clip: Clip, seed: int) -> Clip:
    """Return a clip over pink noise."""
    rng = np.random.default_rng(seed)
    spectrum = np.fft.rfft(rng.standard_normal(len(clip.samples)))
    spectrum /= np.sqrt(np.arange(1, len(spectrum) + 1))
    noise = np.fft.irfft(spectrum, len(clip.samples))
    speech = clip.samples.astype(np.float64)
    noise *= np.sqrt(np.mean(speech**2) / np.mean(noise**2)) * 10 ** (-NOISE_DB / 20)
    return replace(clip, samples=(speech + noise).clip(-32768, 32767).astype(np.int16))


def _worse(title: str, clips: Callable[[], Iterator[Clip]]) -> list[Trial]:
    return [
        Trial(title=f"{title}, telephone band", clips=lambda: map(telephone, clips())),
        Trial(
            title=f"{title}, noise {NOISE_DB} dB below",
            clips=lambda: (noisy(clip, seed) for seed, clip in enumerate(clips())),
        ),
    ]


def _chained(several: list[Callable[[], Iterator[Clip]]]) -> Callable[[], Iterator[Clip]]:
    return lambda: (clip for clips in several for clip in clips())


def _table(table: Path) -> Callable[[], Iterator[Clip]]:
    """Return the clips of a shard: a row has file, first and last sample, voice, text, pinyin."""

    def clips() -> Iterator[Clip]:
        samples, _ = soundfile.read(table.with_suffix(".flac"), dtype="int16")
        for line in table.read_text("utf-8").splitlines():
            _, began, ended, _, _, pinyin = line.split("\t")
            yield Clip(samples=_padded(samples, int(began), int(ended)), said=_syllables(pinyin))

    return clips


def _human(folder: Path, is_wanted: Callable[[str], bool], every: int) -> Callable[[], Iterator[Clip]]:
    def clips() -> Iterator[Clip]:
        with (folder / "manifest.tsv").open(encoding="utf-8", newline="") as file:
            rows = [
                row for row in csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE) if is_wanted(row["speaker"])
            ]
        name, samples = "", np.zeros(0, np.int16)
        for row in rows[::every]:
            if row["file"] != name:
                name = row["file"]
                samples, _ = soundfile.read(folder / name, dtype="int16")
            yield Clip(
                samples=_padded(samples, int(row["began_sample"]), int(row["ended_sample"])),
                said=_syllables(row["pinyin"]),
            )

    return clips


def _drill(folder: Path) -> Callable[[], Iterator[Clip]]:
    from pi_companion.speech.phonetics import syllables  # noqa: PLC0415 - reading tables take half a second

    def clips() -> Iterator[Clip]:
        with (folder / "drill.tsv").open(encoding="utf-8", newline="") as file:
            for row in csv.DictReader(file, delimiter="\t"):
                samples, _ = soundfile.read(folder / row["file"], dtype="int16")
                yield Clip(samples=samples, said=syllables(row["text"]))

    return clips


def _padded(samples: np.ndarray, began: int, ended: int) -> np.ndarray:
    """Return a stretch with a fifth of a second of near silence on both sides, as a voice detector leaves it."""
    quiet = np.random.default_rng(1).integers(-3, 4, RATE_HZ // 5).astype(np.int16)
    return np.concatenate([quiet, samples[began:ended], quiet])


def _syllables(pinyin: str) -> tuple[str, ...]:
    return tuple(map(canonical, pinyin.split()))
