"""Random networks of the shapes that are trained, small enough to be exported and heard in a moment."""

from dataclasses import replace

import numpy as np

from firmware.model.network import Layer, Network
from firmware.model.units import UNITS


def random_network(seed: int = 0, width: int = 48, *, outputs: int = len(UNITS), log_softmax: bool = True) -> Network:
    """Return three TDNN-F blocks with batch norms and bypasses; inputs are MFCC as they are, far from unit variance."""
    rng = np.random.default_rng(seed)

    def some(*shape: int, scale: float) -> np.ndarray:
        found: np.ndarray = rng.normal(scale=scale, size=shape).astype(np.float32)
        return found

    def normed(layer: Layer) -> Layer:
        return replace(layer, scale=rng.uniform(0.5, 2, width).astype(np.float32), shift=some(width, scale=1))

    first = Layer(
        name="in", offsets=(-1, 0, 1), weight=some(width, 120, scale=0.02), bias=some(width, scale=1), relu=True
    )
    layers = [normed(first)]
    for block in range(3):
        before = layers[-1].name
        step = 1 if block == 0 else 3
        layers.append(Layer(name=f"b{block}.linear", offsets=(-step, 0), weight=some(12, 2 * width, scale=0.1)))
        affine = Layer(
            name=f"b{block}.affine",
            offsets=(0, step),
            weight=some(width, 24, scale=0.3),
            bias=some(width, scale=1),
            relu=True,
            bypass=(before, 0.66),
        )
        layers.append(normed(affine))
    layers.append(Layer(name="out", offsets=(0,), weight=some(outputs, width, scale=0.1), bias=some(outputs, scale=1)))
    return Network(layers=tuple(layers), log_softmax=log_softmax)
