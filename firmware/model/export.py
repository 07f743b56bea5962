"""How does a trained network become a model that Vosk loads? `am/final.mdl` and `conf/`, without Kaldi.

Phones are units by their place in a word: 1 is the blank between words, the decoder's silence; 2 the blank inside a
word and 3 the blank that a word begins with, the same output; then each initial where it begins a word and where it
does not, each final where it ends one and where it does not. From this Kaldi's word alignment tells when a word begins
and ends, and end-pointing what is silence. Batch norms are folded away; what is left are affine layers, ReLUs and sums.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Final

import numpy as np

from firmware.model import features
from firmware.model.kaldi_io import AcousticModel, Component, Compressed, Double, Fields, transition_model, write
from firmware.model.network import Layer, Network, folded
from firmware.model.units import FINALS, INITIALS, UNITS

BLANK_BETWEEN: Final = 1
BLANK_INSIDE: Final = 2
BLANK_AHEAD: Final = 3
MOST_PARAMETERS: Final = 2_500_000
MOST_RIGHT_CONTEXT: Final = 30

_PLACED: Final = (
    ("<blk>", "nonword", 0),
    ("<blk>_I", "internal", 0),
    ("<blk>_B", "begin", 0),
    *((f"{unit}_B", "begin", UNITS.index(unit)) for unit in INITIALS),
    *((f"{unit}_I", "internal", UNITS.index(unit)) for unit in INITIALS),
    *((f"{unit}_I", "internal", UNITS.index(unit)) for unit in FINALS),
    *((f"{unit}_E", "end", UNITS.index(unit)) for unit in FINALS),
)
PHONES: Final[Mapping[str, int]] = {name: number for number, (name, _, _) in enumerate(_PLACED, 1)}
PDFS: Final = tuple(pdf for _, _, pdf in _PLACED)
"""Which output of the network a phone is, phone 1 first."""

DECODING: Final = (
    "--min-active=200",
    "--max-active=3000",
    "--beam=12.0",
    "--lattice-beam=4.0",
    "--acoustic-scale=1.0",
    "--frame-subsampling-factor=3",
    f"--endpoint.silence-phones={BLANK_BETWEEN}",
    "--endpoint.rule2.min-trailing-silence=0.5",
    "--endpoint.rule3.min-trailing-silence=1.0",
    "--endpoint.rule4.min-trailing-silence=2.0",
)
"""The lines of `conf/model.conf`."""


def acoustic_model(
    network: Network, *, pdfs: tuple[int, ...] = PDFS, is_compressed: bool = True, blank_log_prior: float = 0.0
) -> AcousticModel:
    """Return the acoustic model for a network. Raises ValueError if it is larger or waits longer than allowed.

    `is_compressed`: weights in a byte each. `blank_log_prior`: how much the decoder takes off the blank; nothing: 0.
    """
    if network.parameters > MOST_PARAMETERS:
        raise ValueError(f"the network has {network.parameters} parameters; at most {MOST_PARAMETERS}")
    if network.right_context > MOST_RIGHT_CONTEXT:
        raise ValueError(f"the network waits for {network.right_context} frames; at most {MOST_RIGHT_CONTEXT}")
    inputs = network.layers[0].weight.shape[1] // len(network.layers[0].offsets)
    config = [f"input-node name=input dim={inputs}"]
    components: dict[str, Component] = {}

    def add(name: str, component: Component, wired: str) -> str:
        components[name] = component
        config.append(f"component-node name={name} component={name} input={wired}")
        return name

    node, ends = "input", {"": "input"}
    for layer in folded(network).layers:
        node = add(f"{layer.name}.affine", _affine(layer, is_compressed=is_compressed), _spliced(node, layer.offsets))
        rows = len(layer.weight)
        if layer.relu:
            node = add(f"{layer.name}.relu", _relu(rows), node)
        if layer.bypass:
            earlier, factor = layer.bypass
            summed = Component(kind="NoOpComponent", fields={"<Dim>": (rows,), "<BackpropScale>": (1.0,)})
            node = add(f"{layer.name}.sum", summed, f"Sum(Scale({factor:g}, {ends[earlier]}), {node})")
        ends[layer.name] = node
    if network.log_softmax:
        node = add("output.log-softmax", _log_softmax(rows), node)
    config.append(f"output-node name=output input={node} objective=linear")
    priors = np.ones(rows if blank_log_prior else 0, np.float32)
    priors[:1] = np.exp(blank_log_prior)
    return AcousticModel(
        transitions=transition_model(list(pdfs)),
        config=tuple(config),
        components=components,
        left_context=network.left_context,
        right_context=network.right_context,
        priors=priors,
    )


def write_acoustic(folder: Path, model: AcousticModel, decoding: tuple[str, ...] = DECODING) -> None:
    """Write `am/`, `conf/` and the lists of phones into a model folder."""
    for name in ("am", "conf", "graph/phones"):
        (folder / name).mkdir(parents=True, exist_ok=True)
    write(folder / "am/final.mdl", model)
    (folder / "conf/mfcc.conf").write_text("".join(f"{line}\n" for line in features.OPTIONS), "utf-8")
    (folder / "conf/model.conf").write_text("".join(f"{line}\n" for line in decoding), "utf-8")
    names = ["<eps> 0", *(f"{name} {number}" for name, number in PHONES.items())]
    (folder / "graph/phones.txt").write_text("".join(f"{line}\n" for line in names), "utf-8")
    places = "".join(f"{number} {place}\n" for number, (_, place, _) in enumerate(_PLACED, 1))
    (folder / "graph/phones/word_boundary.int").write_text(places, "utf-8")


def quantised(network: Network) -> Network:
    """Return the network that Vosk has once `acoustic_model` has compressed the weights of this one."""
    layers = folded(network).layers
    return Network(
        layers=tuple(
            Layer(
                name=layer.name,
                offsets=layer.offsets,
                weight=Compressed(layer.weight).decoded(),
                bias=layer.bias,
                relu=layer.relu,
                bypass=layer.bypass,
            )
            for layer in layers
        ),
        log_softmax=network.log_softmax,
    )


def _spliced(node: str, offsets: tuple[int, ...]) -> str:
    if offsets == (0,):
        return node
    return f"Append({', '.join(f'Offset({node}, {offset})' if offset else node for offset in offsets)})"


def _affine(layer: Layer, *, is_compressed: bool) -> Component:
    weight = Compressed(layer.weight) if is_compressed else layer.weight
    bias = np.zeros(len(layer.weight), np.float32) if layer.bias is None else layer.bias
    return Component(kind="FixedAffineComponent", fields={"<LinearParams>": (weight,), "<BiasParams>": (bias,)})


def _relu(rows: int) -> Component:
    nothing = np.zeros(0, np.float32)
    fields: Fields = {"<Dim>": (rows,), "<ValueAvg>": (nothing,), "<DerivAvg>": (nothing,), "<Count>": (Double(0),)}
    return Component(kind="RectifiedLinearComponent", fields=fields)


def _log_softmax(rows: int) -> Component:
    nothing, zero = (np.zeros(0, np.float32),), (Double(0),)
    fields: Fields = {
        "<Dim>": (rows,), "<ValueAvg>": nothing, "<DerivAvg>": nothing, "<Count>": zero, "<OderivRms>": nothing,
        "<OderivCount>": zero, "<NumDimsSelfRepaired>": zero, "<NumDimsProcessed>": zero,
    }  # fmt: skip
    return Component(kind="LogSoftmaxComponent", fields=fields)
