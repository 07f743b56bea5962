"""How does OpenFst write a graph to a file? The `vector` and `const` types, with or without symbols."""

import struct
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, NamedTuple

import numpy as np

from pi_companion.writing import replace_file

_MAGIC: Final = 2125659606
_SYMBOLS_MAGIC: Final = 2125658996
_HAS_SYMBOLS: Final = 3
_EXPANDED: Final = 0x1
_MUTABLE: Final = 0x2
_STATE: Final = np.dtype([("weight", "<f4"), ("first", "<u4"), ("arcs", "<u4"), ("silent", "<u4"), ("mute", "<u4")])
_ARC: Final = np.dtype([("heard", "<i4"), ("said", "<i4"), ("weight", "<f4"), ("next", "<i4")])


class Arc(NamedTuple):
    """An arc. `heard`, `said`: input and output label, 0 for none. `cost`: negative logarithm."""

    heard: int
    said: int
    cost: float
    next: int


@dataclass(slots=True)
class Graph:
    """A weighted transducer that grows; `finals`: the cost of ending, by state."""

    arcs: list[list[Arc]] = field(default_factory=list)
    finals: dict[int, float] = field(default_factory=dict)
    start: int = 0

    def state(self, *, final: float | None = None) -> int:
        """Add a state, return its number."""
        self.arcs.append([])
        if final is not None:
            self.finals[len(self.arcs) - 1] = final
        return len(self.arcs) - 1

    def arc(self, at: int, heard: int, said: int, cost: float, to: int) -> None:
        """Add an arc."""
        self.arcs[at].append(Arc(heard, said, cost, to))

    def __iter__(self) -> Iterator[tuple[float, Sequence[Arc]]]:
        """Yield each state's cost of ending, infinite where none, and its arcs by their input label."""
        for state, arcs in enumerate(self.arcs):
            yield self.finals.get(state, float("inf")), sorted(arcs)


def write_vector(path: Path, graph: Graph) -> None:
    """Write a graph that programs may still change: OpenFst's `vector`."""
    parts = [_header("vector", 2, 0, _EXPANDED | _MUTABLE, graph)]
    for final, arcs in graph:
        parts.append(struct.pack("<fq", final, len(arcs)))
        parts += [struct.pack("<iifi", *arc) for arc in arcs]
    replace_file(path, b"".join(parts), 0o644)


def write_const(path: Path, graph: Graph, symbols: Mapping[str, int]) -> None:
    """Write a graph to be read as it is, OpenFst's `const`, with one table of symbols for both sides."""
    states = np.zeros(len(graph.arcs), _STATE)
    rows: list[Arc] = []
    for index, (final, arcs) in enumerate(graph):
        silent, mute = (sum(not arc[side] for arc in arcs) for side in (0, 1))
        states[index] = (final, len(rows), len(arcs), silent, mute)
        rows += arcs
    table = _symbols(symbols)
    body = [_header("const", 2, _HAS_SYMBOLS, _EXPANDED, graph), table, table]
    replace_file(path, b"".join([*body, states.tobytes(), np.array(rows, _ARC).tobytes()]), 0o644)


def _header(kind: str, version: int, flags: int, properties: int, graph: Graph) -> bytes:
    arcs = sum(map(len, graph.arcs))
    counts = struct.pack("<iiQqqq", version, flags, properties, graph.start, len(graph.arcs), arcs)
    return struct.pack("<i", _MAGIC) + _text(kind) + _text("standard") + counts


def _symbols(symbols: Mapping[str, int]) -> bytes:
    head = (
        struct.pack("<i", _SYMBOLS_MAGIC) + _text("words") + struct.pack("<qq", max(symbols.values()) + 1, len(symbols))
    )
    return head + b"".join(_text(name) + struct.pack("<q", number) for name, number in symbols.items())


def _text(text: str) -> bytes:
    encoded = text.encode()
    return struct.pack("<i", len(encoded)) + encoded
