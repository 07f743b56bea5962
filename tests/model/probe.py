"""What does Vosk's network answer, frame by frame? Read through its API, number by number.

Vosk publishes no scores, but with alternatives each one has the whole score of its path. So the graph here has a path
for each frame t and output d: output 0 in every frame, but d in frame t. Its score less that of the path with output 0
throughout is the difference of the two outputs in that frame; as probabilities of a frame add up to one, the
differences give every number, and the path of output 0 alone checks their sum.
"""

import json
from pathlib import Path

import numpy as np
import vosk

from firmware.model import cmvn, export
from firmware.model.fst import Graph, write_vector
from firmware.model.network import Network

_WIDE = (
    "--min-active=200", "--max-active=1000000", "--beam=100000", "--lattice-beam=100000", "--acoustic-scale=1.0",
    "--frame-subsampling-factor=3", "--endpoint.silence-phones=1",
)  # fmt: skip


def write_probe(
    folder: Path, network: Network, frames: int, *, is_compressed: bool, mean: np.ndarray | None = None
) -> None:
    """Write a model whose words name a frame and an output; `mean`: what is taken off the features, as it runs."""
    outputs = len(network.layers[-1].weight)
    model = export.acoustic_model(network, pdfs=tuple(range(outputs)), is_compressed=is_compressed)
    export.write_acoustic(folder, model, _WIDE)
    if mean is not None:
        cmvn.write_stats(folder / "am/global_cmvn.stats", mean)
    (folder / "graph/phones/word_boundary.int").unlink()
    names = ["<eps>", "0"]
    graph = Graph()
    before = [graph.state() for _ in range(frames + 1)]
    after = [graph.state() for _ in range(frames + 1)]
    end = graph.state(final=0)
    graph.arc(before[-1], 0, 1, 0, end)
    graph.arc(after[-1], 0, 0, 0, end)
    for at in range(frames):
        graph.arc(before[at], 2, 0, 0, before[at + 1])
        graph.arc(after[at], 2, 0, 0, after[at + 1])
        for output in range(1, outputs):
            names.append(f"{at}.{output}")
            graph.arc(before[at], 2 * (output + 1), len(names) - 1, 0, after[at + 1])
    write_vector(folder / "graph/HCLG.fst", graph)
    (folder / "graph/words.txt").write_text("".join(f"{name} {index}\n" for index, name in enumerate(names)), "utf-8")


def heard(folder: Path, pcm: bytes, frames: int, outputs: int) -> tuple[np.ndarray, float]:
    """Return (frames, outputs) log-probabilities as Vosk has them, and by how much the sum of column 0 is off."""
    recogniser = vosk.KaldiRecognizer(vosk.Model(str(folder)), 16000)
    recogniser.SetMaxAlternatives(frames * outputs + 1)
    recogniser.AcceptWaveform(pcm)
    found = json.loads(recogniser.FinalResult())["alternatives"]
    scores = {each["text"].strip(): each["confidence"] for each in found}
    assert len(scores) == frames * (outputs - 1) + 1, (len(scores), found[:3])
    differences = np.array(
        [[0.0, *(scores[f"{at}.{output}"] - scores["0"] for output in range(1, outputs))] for at in range(frames)]
    )
    first = -np.log(np.exp(differences).sum(axis=1))
    return first[:, None] + differences, float(first.sum() - scores["0"])
