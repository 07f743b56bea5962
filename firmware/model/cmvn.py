"""What a microphone or a line adds to every frame is taken off while listening: Kaldi's online mean normalisation.

Vosk does it where a model has `am/global_cmvn.stats`: from each frame the mean of the 600 before it is taken, in which
the mean of the training speech stands in for up to 200 that were not heard yet. Source: Kaldi's `online-feature.h`,
OnlineCmvnOptions with its defaults.
"""

import struct
from dataclasses import replace
from pathlib import Path

import numpy as np
import numpy.typing as npt

from firmware.model.network import Network

WINDOW = 600
GLOBAL = 200
"""frames of 10 ms"""


def online(
    features: npt.NDArray[np.floating], mean: npt.NDArray[np.floating], *, heard_before: int = 0
) -> npt.NDArray[np.float32]:
    """Features (frames, 40) less their running mean, plus `mean`, which is that of the training speech.

    `heard_before`: so many frames like these went before, as when a conversation goes on; Vosk begins with none.
    """
    frames = features.astype(np.float64)
    until = np.concatenate([np.zeros((1, frames.shape[1])), np.cumsum(frames, 0)])
    ends = np.arange(1, len(frames) + 1)
    starts = np.maximum(0, ends - WINDOW)
    counts = ends - starts
    sums = until[ends] - until[starts]
    earlier = np.minimum(heard_before, WINDOW - counts)
    sums = sums + earlier[:, None] * frames.mean(0)
    counts = counts + earlier
    assumed = np.minimum(GLOBAL, WINDOW - counts)
    means = (sums + assumed[:, None] * mean) / (counts + assumed)[:, None]
    return np.asarray(frames - means + mean, np.float32)


def folded_in(network: Network, mean: npt.NDArray[np.floating]) -> Network:
    """The network for features as Vosk gives them, less their mean: the mean goes into the first layer's bias."""
    first = network.layers[0]
    bias = (0 if first.bias is None else first.bias) + first.weight @ np.tile(mean, len(first.offsets))
    return replace(network, layers=(replace(first, bias=bias.astype(np.float32)), *network.layers[1:]))


def write_stats(path: Path, mean: npt.NDArray[np.floating], count: float = 1e5) -> None:
    """Write `am/global_cmvn.stats`: a Kaldi matrix of sums with their count, and of squares (which are not used)."""
    stats = np.zeros((2, len(mean) + 1))
    stats[0] = [*(np.asarray(mean, np.float64) * count), count]
    stats[1, :-1] = (np.asarray(mean, np.float64) ** 2 + 1) * count
    shape = b"".join(b"\4" + struct.pack("<i", size) for size in stats.shape)
    path.write_bytes(b"\0BDM " + shape + stats.astype("<f8").tobytes())
