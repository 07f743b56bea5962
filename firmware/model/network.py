"""What does a network compute? Its layers as arrays, a forward pass in numpy, and the file that training leaves.

This is the form between training and export: no framework, nothing of Kaldi. `forward` is what the exported model must
repeat in Vosk, number for number.
"""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final

import numpy as np

from firmware.model.kaldi_io import AcousticModel, Component

SUBSAMPLING: Final = 3
"""Frames of 10 ms for each output."""

_ARRAYS: Final = ("weight", "bias", "scale", "shift")


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Layer:
    """One affine layer; its input is the output of the layer before it, of the first one the features.

    In this order: `weight` (out, in x offsets) times the input at each of `offsets` (frames of 10 ms), plus `bias`;
    where `relu`, nothing below zero; times `scale` plus `shift` (a batch norm that has learnt); plus `bypass`: the
    output of an earlier layer, by name, times a factor.
    """

    name: str
    offsets: tuple[int, ...]
    weight: np.ndarray
    bias: np.ndarray | None = None
    relu: bool = False
    scale: np.ndarray | None = None
    shift: np.ndarray | None = None
    bypass: tuple[str, float] | None = None


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Network:
    """Layers in order; the last one has a row for each of `units.UNITS`.

    `log_softmax`: follows the last layer. `mean`: of the features it was trained on, where that is known.
    """

    layers: tuple[Layer, ...]
    log_softmax: bool = True
    mean: np.ndarray | None = None

    @property
    def left_context(self) -> int:
        """Frames of 10 ms before the one that an output stands for."""
        return -sum(min(layer.offsets) for layer in self.layers)

    @property
    def right_context(self) -> int:
        """Frames of 10 ms after the one that an output stands for: how long an answer waits."""
        return sum(max(layer.offsets) for layer in self.layers)

    @property
    def parameters(self) -> int:
        """How many numbers were learnt."""
        return sum(array.size for layer in self.layers for array in (layer.weight, layer.bias) if array is not None)


def forward(network: Network, features: np.ndarray) -> np.ndarray:
    """Return (ceil(frames / 3), outputs) float32 for (frames, coefficients): at the frames 0, 3, 6 and so on.

    Beyond both ends the first and the last frame are repeated, as Kaldi does it.
    """
    frames = len(features)
    began = -network.left_context
    times = np.arange(began, frames + network.right_context)
    now = features[times.clip(0, frames - 1)].astype(np.float32)
    done: dict[str, tuple[int, np.ndarray]] = {}
    for layer in network.layers:
        first, last = min(layer.offsets), max(layer.offsets)
        length = len(now) - (last - first)
        spliced = np.concatenate([now[offset - first : offset - first + length] for offset in layer.offsets], axis=1)
        began -= first
        now = spliced @ layer.weight.T.astype(np.float32)
        now = _finished(layer, now)
        if layer.bypass:
            earlier, values = done[layer.bypass[0]]
            now = now + np.float32(layer.bypass[1]) * values[began - earlier : began - earlier + length]
        done[layer.name] = began, now
    outputs = now[-began : -began + frames : SUBSAMPLING]
    if network.log_softmax:
        outputs = outputs - outputs.max(axis=1, keepdims=True)
        outputs = outputs - np.log(np.exp(outputs).sum(axis=1, keepdims=True))
    found: np.ndarray = outputs.astype(np.float32)
    return found


def folded(network: Network) -> Network:
    """Return a network that computes the same without `scale` and `shift`.

    A scale above zero may pass a ReLU into the weights before it; a shift is a constant, so it adds to the biases of
    what follows, through bypasses too. Raises ValueError for a scale that is not above zero after a ReLU.
    """
    shifts: dict[str, np.ndarray] = {}
    carried = np.zeros(network.layers[0].weight.shape[1] // len(network.layers[0].offsets))
    layers = []
    for layer in network.layers:
        rows = len(layer.weight)
        weight = layer.weight.astype(np.float64)
        bias = (0 if layer.bias is None else layer.bias) + weight @ np.tile(carried, len(layer.offsets))
        scale = np.ones(rows) if layer.scale is None else layer.scale.astype(np.float64)
        shift = np.zeros(rows) if layer.shift is None else layer.shift.astype(np.float64)
        if layer.relu and scale.min() <= 0:
            raise ValueError(f"layer {layer.name}: a scale of {scale.min():g} after a ReLU cannot be folded")
        weight, bias = weight * scale[:, None], bias * scale
        carried = shift if layer.relu else np.zeros(rows)
        bias = bias if layer.relu else bias + shift
        if layer.bypass:
            carried = carried + layer.bypass[1] * shifts[layer.bypass[0]]
        shifts[layer.name] = carried
        layers.append(
            replace(layer, weight=weight.astype(np.float32), bias=bias.astype(np.float32), scale=None, shift=None)
        )
    if carried.any():
        raise ValueError(f"layer {layers[-1].name}: the last layer cannot end in a ReLU or a bypass")
    return replace(network, layers=tuple(layers))


def save(path: Path, network: Network, dtype: type[np.floating[Any]] = np.float32) -> None:
    """Write a network to an `.npz` file; its mean always in single precision."""
    shapes = [
        {"name": layer.name, "offsets": layer.offsets, "relu": layer.relu, "bypass": layer.bypass}
        for layer in network.layers
    ]
    arrays = {
        f"{layer.name}/{key}": np.asarray(value, dtype)
        for layer in network.layers
        for key in _ARRAYS
        if (value := getattr(layer, key)) is not None
    }
    if network.mean is not None:
        arrays["mean"] = np.asarray(network.mean, np.float32)
    described = json.dumps({"layers": shapes, "log_softmax": network.log_softmax})
    np.savez(path, description=np.array(described), **arrays)  # type: ignore[arg-type]  # numpy's stub: names are any


def load(path: Path) -> Network:
    """Read what `save` wrote. Raises OSError, KeyError, ValueError."""
    with np.load(path, allow_pickle=False) as file:
        described = json.loads(str(file["description"]))
        layers = tuple(
            Layer(
                name=shape["name"],
                offsets=tuple(shape["offsets"]),
                relu=shape["relu"],
                bypass=(shape["bypass"][0], shape["bypass"][1]) if shape["bypass"] else None,
                weight=file[f"{shape['name']}/weight"].astype(np.float32),
                **{
                    key: file[found].astype(np.float32)
                    for key in _ARRAYS[1:]
                    if (found := f"{shape['name']}/{key}") in file
                },
            )
            for shape in described["layers"]
        )
        mean = file.get("mean")
    return Network(layers=layers, log_softmax=described["log_softmax"], mean=mean)


def from_kaldi(model: AcousticModel, *, blocks: int = 99, is_log: bool = False) -> Network:
    """Return the layers of an nnet3 model of the chain recipes, TDNN-F with bypasses, up to its `output`.

    An i-vector counts as zero, dropout and the second output are left out. `blocks`: those named `tdnnf3` and so on
    are left out above this number. Raises KeyError or ValueError for a wiring that is none of these.
    """
    layers: list[Layer] = []
    nodes: dict[str, str] = {"input": ""}
    before: np.ndarray | None = None
    for line in model.config:
        found = re.fullmatch(r"component-node name=(\S+) component=(\S+) input=(.+)", line)
        if not found or "xent" in line or _block(found[1]) > blocks:
            continue
        name, component, wired = found[1], model.components[found[2]], found[3]
        arrays = _affine(component)
        if arrays and "ReplaceIndex(ivector" in wired:
            before = np.concatenate([arrays[0], arrays[1][:, None]], axis=1)
            lda_offsets = _offsets(wired)
            nodes[name] = ""
        elif arrays:
            weight, bias, offsets = arrays
            if before is not None:
                used = before[:, : len(lda_offsets) * 40]
                weight, bias, offsets = weight @ used, bias + weight @ before[:, -1], lda_offsets
                before = None
            layers.append(Layer(name=name, offsets=offsets or _offsets(wired), weight=weight, bias=bias))
        else:
            layers[-1] = _with(layers[-1], component, wired, nodes)
        nodes.setdefault(name, layers[-1].name if layers else "")
    return Network(layers=tuple(layers), log_softmax=is_log)


def _finished(layer: Layer, values: np.ndarray) -> np.ndarray:
    if layer.bias is not None:
        values = values + layer.bias.astype(np.float32)
    if layer.relu:
        values = np.maximum(values, 0)
    if layer.scale is not None:
        values = values * layer.scale.astype(np.float32)
    if layer.shift is not None:
        values = values + layer.shift.astype(np.float32)
    return values


def _affine(component: Component) -> tuple[np.ndarray, np.ndarray, tuple[int, ...]] | None:
    """Return weight, bias and time offsets (none where the wiring has them) of an affine component, else None."""
    match component.kind:
        case "LinearComponent":
            weight = component.array("<Params>")
            return weight, np.zeros(len(weight), np.float32), ()
        case "TdnnComponent" | "FixedAffineComponent" | "NaturalGradientAffineComponent":
            weight, bias = component.array("<LinearParams>"), component.array("<BiasParams>")
            (found,) = component.fields.get("<TimeOffsets>", ([],))
            offsets = tuple(found) if isinstance(found, list) else ()
            return weight, bias if bias.size else np.zeros(len(weight), np.float32), offsets
        case _:
            return None


def _with(layer: Layer, component: Component, wired: str, nodes: Mapping[str, str]) -> Layer:
    match component.kind:
        case "RectifiedLinearComponent":
            return replace(layer, relu=True)
        case "BatchNormComponent":
            scale = component.number("<TargetRms>") / np.sqrt(
                component.array("<StatsVar>") + component.number("<Epsilon>")
            )
            return replace(layer, scale=scale, shift=-component.array("<StatsMean>") * scale)
        case "NoOpComponent":
            summed = re.fullmatch(r"Sum\(Scale\(([\d.]+), (\S+)\), (\S+)\)", wired)
            if not summed:
                raise ValueError(f"{wired}: is no bypass")
            return replace(layer, bypass=(nodes[summed[2]], float(summed[1])))
        case "GeneralDropoutComponent" | "LogSoftmaxComponent":
            return layer
        case _:
            raise ValueError(f"{component.kind}: is not known here")


def _offsets(wired: str) -> tuple[int, ...]:
    """Return the offsets of an `Append(Offset(x, -1), x, ...)`, an i-vector left out; 0 for a plain node."""
    if not wired.startswith("Append("):
        return (0,)
    inner = re.sub(r", ReplaceIndex\([^)]*\)", "", wired[len("Append(") : -1])
    return tuple(int(found[1] or 0) for found in re.finditer(r"Offset\([^,]+, (-?\d+)\)|[\w.-]+", inner))


def _block(name: str) -> int:
    found = re.match(r"tdnnf(\d+)\.", name)
    return int(found[1]) if found else 0
