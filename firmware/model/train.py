"""Training: CTC on the outputs of layers that stay frozen, kept once for each example; resumable at any step.

The schedule counts in steps, not in time: the same examples and the same settings give the same network on the same
machine. A GPU is used where there is one.
"""

import math
import random
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TypeAlias

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor, nn
from torch.nn import functional

from firmware.model import network, units
from firmware.model.examples import Examples, outputs
from firmware.model.network import Layer, Network
from firmware.model.scoring import edits, greedy, syllables
from firmware.model.trainable import Trainable

BORDER = "tdnnf4.affine"
_SAVE_EVERY_S = 120
_UNITS_PER_OUTPUT = 0.25  # as people talk
_DEVICE = torch.device("cuda" if torch.cuda.is_available() else "cpu")


Vary: TypeAlias = Callable[[npt.NDArray[np.floating], np.random.Generator], npt.NDArray[np.floating]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """What decides the outcome of a stage of training, besides the examples and the network it begins with."""

    learn_from: str
    """name of the lowest layer that learns"""
    epochs: int
    rate: float
    """of learning, for the layers new to the task; falls to 0 as a cosine"""
    body_share: float = 0.6
    """of it, for the transferred layers"""
    ends: float = 1.0
    """share of the schedule after which the stage stops; below 1 the next stage goes on from a rate that is not 0"""
    warm_up: int = 100
    """steps"""
    batch_frames: int = 6000
    decay: float = 1e-2
    dropout: float = 0.0
    masked: float = 0.2
    """share of examples in which some rows are hidden"""
    seed: int = 0


def beginning(korean: Network) -> Network:
    """The transferred network, blocks that are not wanted left out already, with a new last layer for our units."""
    last = korean.layers[-1]
    rng = np.random.default_rng(len(korean.layers))
    weight = rng.normal(0, 0.05, (len(units.UNITS), last.weight.shape[1])).astype(np.float32)
    bias = np.zeros(len(units.UNITS), np.float32)
    head = Layer(name=last.name, offsets=(0,), weight=weight, bias=bias)
    return Network(layers=(*korean.layers[:-1], head), log_softmax=True)


@dataclass(frozen=True, slots=True)
class Kept:
    """Examples below the border: rows (all, width) with their context, as bfloat16 in a file, and labels."""

    rows: npt.NDArray[np.int16]
    """the bits of bfloat16"""
    starts: npt.NDArray[np.int64]
    counts: list[int]
    """outputs of each example"""
    labels: list[npt.NDArray[np.int64]]
    context: int
    """rows of an example beyond its outputs"""

    def example(self, index: int) -> Tensor:
        """The rows of an example."""
        start = self.starts[index]
        bits = np.array(self.rows[start : start + self.counts[index] + self.context])
        return torch.from_numpy(bits).view(torch.bfloat16)


def keep(model: Trainable, passes: Sequence[Examples], path: Path, vary: Vary | None = None) -> Kept:
    """What the frozen layers make of every example, kept in the file `path`: 51 kB for each second. Made once.

    `vary`: what becomes of every example before, drawn from a generator of its own.
    """
    pairs = sorted((pair for examples in passes for pair in examples), key=lambda pair: len(pair[0]))
    counts = [outputs(len(frames)) for frames, _ in pairs]
    context = model.left_rows + model.right_rows
    lengths = np.array(counts) + context
    starts = np.cumsum(lengths) - lengths
    shape = (int(lengths.sum()), len(model.below[-1].weight))
    if not path.exists():
        unfinished = path.with_suffix(".unfinished")
        rows = np.memmap(unfinished, np.int16, "w+", shape=shape)
        began = said = time.monotonic()
        for first in range(0, len(pairs), 16):
            batch: list[npt.NDArray[np.floating]] = [frames for frames, _ in pairs[first : first + 16]]
            if vary:
                batch = [vary(frames, np.random.default_rng((first, place))) for place, frames in enumerate(batch)]
            padded = [model.padded(frames) for frames in batch]
            frames = nn.utils.rnn.pad_sequence(padded, batch_first=True).to(_DEVICE)
            with torch.autocast(_DEVICE.type, torch.bfloat16):
                below = model.lower(frames).to(torch.bfloat16).cpu().view(torch.int16).numpy()
            for index, own in enumerate(below, first):
                rows[starts[index] : starts[index] + lengths[index]] = own[: lengths[index]]
            if time.monotonic() - said > 20:
                said = time.monotonic()
                print(
                    f"training: {100 * first // len(pairs)} % through the frozen layers, {(said - began) / 60:.1f} min",
                    flush=True,
                )
        rows.flush()
        unfinished.rename(path)
    rows = np.memmap(path, np.int16, "r", shape=shape)
    return Kept(rows, starts, counts, [labels.astype(np.int64) for _, labels in pairs], context)


def batches(counts: Sequence[int], limit: int, rng: random.Random) -> list[list[int]]:
    """Indexes of examples of about equal length together, at most `limit` outputs a batch, in random order."""
    order = sorted(range(len(counts)), key=lambda index: counts[index] + rng.uniform(0, 15))
    groups: list[list[int]] = []
    group: list[int] = []
    for index in order:
        if group and (len(group) + 1) * max(counts[member] for member in (index, *group)) > limit:
            groups.append(group)
            group = []
        group.append(index)
    if group:
        groups.append(group)
    rng.shuffle(groups)
    return groups


def _mask(rows: Tensor, share: float, rng: random.Random) -> None:
    """Hide 1 to 3 spans of up to 5 rows in some examples, so that the layers above use what is around."""
    for example in rows:
        if rng.random() < share:
            for _ in range(rng.randint(1, 3)):
                width = rng.randint(1, 5)
                start = rng.randint(0, max(1, len(example) - width))
                example[start : start + width] = 0


def loss_of(model: Trainable, kept: Kept, batch: Sequence[int], masked: float, rng: random.Random) -> Tensor:
    """CTC loss of a batch, about that of a unit: a batch with few words in it counts no more than any other."""
    rows = nn.utils.rnn.pad_sequence([kept.example(index) for index in batch], batch_first=True)
    _mask(rows, masked, rng)
    with torch.autocast(_DEVICE.type, torch.bfloat16):
        logits = model.upper(rows.to(_DEVICE))
    scores = functional.log_softmax(logits.float(), -1).transpose(0, 1)
    counts = [kept.counts[index] for index in batch]
    labels = [kept.labels[index] for index in batch]
    loss = functional.ctc_loss(
        scores,
        torch.from_numpy(np.concatenate(labels)),
        torch.tensor(counts),
        torch.tensor([len(label) for label in labels]),
        reduction="none",
        zero_infinity=True,
    )
    return loss.sum() / (_UNITS_PER_OUTPUT * sum(counts))


def rate_at(settings: Settings, step: int, steps: int) -> float:
    """The learning rate of a step: up in a line, then down as a cosine to 0 at the end."""
    warm = min(1.0, (step + 1) / settings.warm_up)
    return settings.rate * warm * 0.5 * (1 + math.cos(math.pi * min(1.0, step / max(1, steps))))


def train(begin: Network, kept: Kept, settings: Settings, state: Path, tests: dict[str, Examples]) -> Network:
    """The trained network. `state` is where an interrupted run is kept; `tests` are printed after every epoch."""
    torch.manual_seed(settings.seed)
    model = Trainable(begin, BORDER).to(_DEVICE)
    model.dropout = settings.dropout
    learning = model.train_from(settings.learn_from)
    new = {
        id(parameter) for layer in model.above if "tdnnf" not in layer.layer.name for parameter in layer.parameters()
    }
    groups = [
        {"params": [p for p in learning if id(p) in new], "share": 1.0},
        {"params": [p for p in learning if id(p) not in new], "share": settings.body_share},
    ]
    optimizer = torch.optim.AdamW(
        [group for group in groups if group["params"]], lr=settings.rate, weight_decay=settings.decay
    )
    plan = [
        batches(kept.counts, settings.batch_frames // 3, random.Random(f"{settings.seed} {epoch}"))  # noqa: S311 - choices, not secrets
        for epoch in range(settings.epochs)
    ]
    flat = [batch for epoch in plan for batch in epoch]
    ends = set(np.cumsum([len(epoch) for epoch in plan]).tolist())
    step = _resumed(state, settings, model, optimizer)
    began = saved = time.monotonic()
    recent: list[float] = []
    for step in range(step, round(settings.ends * len(flat))):  # noqa: B020 - goes on from the step that was kept
        rng = random.Random(f"{settings.seed} step {step}")  # noqa: S311 - as above
        model.train()
        for group in optimizer.param_groups:
            group["lr"] = rate_at(settings, step, len(flat)) * group["share"]
        loss = loss_of(model, kept, flat[step], settings.masked, rng)
        optimizer.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(learning, 2.0)
        optimizer.step()
        recent.append(loss.item())
        if (step + 1) % 200 == 0:
            print(
                f"training: step {step + 1} of {len(flat)}, loss {np.mean(recent[-200:]):.3f},"
                f" {(time.monotonic() - began) / 60:.1f} min",
                flush=True,
            )
        if time.monotonic() - saved > _SAVE_EVERY_S:
            saved = time.monotonic()
            _save(state, settings, model, optimizer, step + 1)
        if step + 1 in ends and tests:
            network.save(state.with_suffix(".npz"), model.cpu().learnt())
            model.to(_DEVICE)
            print(
                "training: " + ", ".join(f"{name} {rate:.1f} %" for name, rate in test(model, tests).items()),
                flush=True,
            )
    return model.cpu().learnt()


def _save(state: Path, settings: Settings, model: nn.Module, optimizer: torch.optim.Optimizer, step: int) -> None:
    unfinished = state.with_suffix(".unfinished")
    torch.save(
        {"settings": asdict(settings), "model": model.state_dict(), "optimizer": optimizer.state_dict(), "step": step},
        unfinished,
    )
    unfinished.rename(state)


def _resumed(state: Path, settings: Settings, model: nn.Module, optimizer: torch.optim.Optimizer) -> int:
    """The step to go on with: 0, or where the run of these very settings was interrupted."""
    if not state.exists():
        return 0
    found = torch.load(state, weights_only=True)
    if found["settings"] != asdict(settings):
        print(f"training: {state} is of other settings, starting anew", flush=True)
        return 0
    model.load_state_dict(found["model"])
    optimizer.load_state_dict(found["optimizer"])
    print(f"training: going on at step {found['step']}", flush=True)
    return int(found["step"])


@torch.no_grad()
def test(model: Trainable, tests: dict[str, Examples]) -> dict[str, float]:
    """Syllable errors in percent of each set, by the best unit of each frame: no language model, no search."""
    model.eval()
    rates = {}
    for name, examples in tests.items():
        wrong = total = 0
        for frames, labels in examples:
            logits = model(model.padded(frames.astype(np.float32))[None].to(_DEVICE))[0]
            heard, said = syllables(greedy(logits.argmax(-1).tolist())), syllables(labels.tolist())
            wrong += edits(said, heard)
            total += len(said)
        rates[name] = 100 * wrong / total if total else float(wrong)
    return rates
