"""A model that hears nothing but loudness: each unit is a level of noise, so what is said, and when, is known."""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import numpy as np

from firmware.model import export, features, graph, language
from firmware.model.fst import Graph
from firmware.model.lexicon import Reading
from firmware.model.network import Layer, Network
from firmware.model.units import UNITS, encode

FRAME_S = 0.03
_SAMPLES = 480
_STEEP = 4.0
_OFF = -40.0


def _level(place: int) -> float:
    return 1.5 * 1.6**place


def sound(units: Sequence[int], used: Sequence[int], rate_hz: int = 16000) -> bytes:
    """Return 16-bit audio that says a unit every 30 ms; `used`: which ones there are, by loudness."""
    rng = np.random.default_rng(5)
    levels = [_level(used.index(unit)) for unit in units for _ in range(_SAMPLES * rate_hz // 16000)]
    return (rng.uniform(-1, 1, len(levels)) * levels).astype("<i2").tobytes()


def loudness_network(used: Sequence[int]) -> Network:
    """Return a network that answers with the unit whose loudness is nearest, from the first coefficient alone."""
    rng = np.random.default_rng(6)
    noises = [features.mfcc(rng.uniform(-1, 1, 16000) * _level(place))[:, 0].mean() for place in range(len(used))]
    count = len(used)
    bends = np.zeros((2 * count, features.COEFFICIENTS), np.float32)
    bends[:count, 0], bends[count:, 0] = 1, -1
    bias = np.concatenate([-np.array(noises), np.array(noises)]).astype(np.float32)
    last = np.zeros((len(UNITS), 2 * count), np.float32)
    offsets = np.full(len(UNITS), _OFF, np.float32)
    for place, unit in enumerate(used):
        last[unit, [place, count + place]] = -_STEEP
        offsets[unit] = 0
    return Network(
        layers=(
            Layer(name="bends", offsets=(0,), weight=bends, bias=bias, relu=True),
            Layer(name="nearest", offsets=(0,), weight=last, bias=offsets),
        )
    )


def write_model(
    folder: Path,
    lexicon: Mapping[str, tuple[Reading, ...]],
    second_half: Callable[[Mapping[str, int]], Graph] | None = None,
) -> list[int]:
    """Write a model for a few words, each as likely as any; return the units that there are, the blank first."""
    used = [0, *sorted({unit for readings in lexicon.values() for reading in readings for unit in encode(reading)})]
    export.write_acoustic(folder, export.acoustic_model(loudness_network(used), is_compressed=False))
    graph.write(folder, lexicon, second_half or anything)
    return used


def anything(labels: Mapping[str, int]) -> Graph:
    """Return a graph of words in which any word may follow any other."""
    model = language.Model(words={word: 1 / (len(labels) + 1) for word in (*labels, language.END)}, after={})
    return language.graph(model, labels, dict.fromkeys(labels, 1))
