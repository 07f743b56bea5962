"""The network of network.py as a PyTorch module: frozen below, trainable above, the same arithmetic.

The lower layers see every frame; from the layer `border` on only every third is used, so what the border gives out is
kept for each example and the layers above train on that alone.
"""

from dataclasses import replace

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor, nn
from torch.nn import functional

from firmware.model.network import SUBSAMPLING, Layer, Network


class _Layer(nn.Module):
    """One Layer; `step` is how many frames apart its input's rows are."""

    scale: Tensor | None
    shift: Tensor | None

    def __init__(self, layer: Layer, step: int) -> None:
        super().__init__()
        if any(offset % step for offset in layer.offsets):
            raise ValueError(f"layer {layer.name}: offsets {layer.offsets} fall between frames {step} apart")
        self.offsets = tuple(offset // step for offset in layer.offsets)
        self.layer = layer
        self.weight = nn.Parameter(torch.tensor(layer.weight, dtype=torch.float32))
        self.bias = None if layer.bias is None else nn.Parameter(torch.tensor(layer.bias, dtype=torch.float32))
        for name in ("scale", "shift"):
            value = getattr(layer, name)
            self.register_buffer(name, None if value is None else torch.tensor(value, dtype=torch.float32))

    def forward(self, rows: Tensor) -> Tensor:
        """(batch, rows, in) to (batch, fewer rows, out), without the bypass."""
        first, last = min(self.offsets), max(self.offsets)
        length = rows.shape[1] - (last - first)
        if len(self.offsets) > 1:
            rows = torch.cat([rows[:, offset - first : offset - first + length] for offset in self.offsets], -1)
        rows = functional.linear(rows, self.weight, self.bias)
        if self.layer.relu:
            rows = functional.relu(rows)
        if self.scale is not None:
            rows = rows * self.scale.to(rows.dtype)
        if self.shift is not None:
            rows = rows + self.shift.to(rows.dtype)
        return rows

    def learnt(self) -> Layer:
        """The layer with the weights as they are now."""
        bias = None if self.bias is None else self.bias.detach().float().numpy().copy()
        return replace(self.layer, weight=self.weight.detach().float().numpy().copy(), bias=bias)


class Trainable(nn.Module):
    """A network in two parts, `below` and `above` the border."""

    def __init__(self, network: Network, border: str) -> None:
        """`border`: name of the last layer that sees every frame of 10 ms."""
        super().__init__()
        names = [layer.name for layer in network.layers]
        cut = names.index(border) + 1
        self.below = nn.ModuleList(_Layer(layer, 1) for layer in network.layers[:cut])
        self.above = nn.ModuleList(_Layer(layer, SUBSAMPLING) for layer in network.layers[cut:])
        self.dropout = 0.0
        self._is_log = network.log_softmax
        upper, whole = Network(layers=network.layers[cut:]), network
        self.left_rows, self.right_rows = upper.left_context // SUBSAMPLING, upper.right_context // SUBSAMPLING
        self._left, self._right = whole.left_context, whole.right_context
        self.border = border

    def padded(self, frames: npt.NDArray[np.floating]) -> Tensor:
        """(frames, 40) with the first and last repeated as far as the network looks: input of `lower`."""
        last = (len(frames) - 1) // SUBSAMPLING * SUBSAMPLING + self._right
        at = np.arange(-self._left, last + 1).clip(0, len(frames) - 1)
        return torch.from_numpy(frames[at].astype(np.float32))

    @torch.no_grad()
    def lower(self, frames: Tensor) -> Tensor:
        """Padded features (batch, frames, 40) to the border's output at every third frame, context rows included."""
        return _run(self.below, frames, "", 0.0)[:, ::SUBSAMPLING]

    def upper(self, rows: Tensor) -> Tensor:
        """Rows of the border with `left_rows` before and `right_rows` after to logits."""
        return _run(self.above, rows, self.border, self.dropout if self.training else 0.0)

    def forward(self, frames: Tensor) -> Tensor:
        """Padded features to logits."""
        return self.upper(self.lower(frames))

    def train_from(self, name: str) -> list[nn.Parameter]:
        """Let the layer called `name` and all above it learn, no other; returns their parameters."""
        layers = [*self.below, *self.above]
        first = [layer.layer.name for layer in layers].index(name)
        for layer in layers:
            layer.requires_grad_(requires_grad=layer in layers[first:])
        return [parameter for parameter in self.parameters() if parameter.requires_grad]

    def learnt(self) -> Network:
        """The network with the weights as they are now."""
        return Network(layers=tuple(layer.learnt() for layer in (*self.below, *self.above)), log_softmax=self._is_log)


def _run(layers: nn.ModuleList, rows: Tensor, input_name: str, dropout: float) -> Tensor:
    """Through all layers; outputs that a later bypass needs are kept with how many rows they lost on the left."""
    done = {input_name: (0, rows)}
    lost = 0
    for layer in layers:
        rows = functional.dropout(layer(rows), dropout) if layer.layer.bypass else layer(rows)
        lost -= min(layer.offsets)
        if layer.layer.bypass:
            name, factor = layer.layer.bypass
            earlier, values = done[name]
            rows = rows + factor * values[:, lost - earlier : lost - earlier + rows.shape[1]]
        done[layer.layer.name] = lost, rows
    return rows
