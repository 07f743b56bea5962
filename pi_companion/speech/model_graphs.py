"""Does a decoding graph lead anywhere it must not? Read before Vosk follows it, which asks nothing and may crash.

One wrong byte in an arc of a graph that loads without a word ends the process, in native code, when somebody says what
leads there. Every arc and state of OpenFst's `const` graphs is looked at, alone or below a look-ahead table; graphs of
other types are left to `model_files.try_in_vosk`.
"""

import struct
from pathlib import Path
from typing import Final, NamedTuple

import numpy as np

FST_BEGINS: Final = struct.pack("<i", 2125659606)

_STATE: Final = np.dtype([("weight", "<f4"), ("first", "<u4"), ("arcs", "<u4"), ("silent", "<u4"), ("mute", "<u4")])
_ARC: Final = np.dtype([("heard", "<i4"), ("said", "<i4"), ("weight", "<f4"), ("next", "<i4")])
_COUNTS: Final = struct.Struct("<iiQqqq")  # version, flags, properties, start, states, arcs
_ALIGNED: Final = 4
_HAS_SYMBOLS: Final = 3


class _Header(NamedTuple):
    kind: bytes
    arc: bytes
    flags: int
    start: int
    states: int
    arcs: int
    ends: int


def damage(path: Path) -> str:
    """Return what is wrong with the states and arcs of a graph that begins as one, or nothing.

    The file is mapped, not read: a graph may have gigabytes.
    """
    data = np.memmap(path, np.uint8, "r")
    outer = _header(data, 0)
    if outer is None:
        return "is truncated in its header"
    inner = outer
    if outer.kind.endswith(b"_lookahead"):
        found = _header(data, outer.ends + 4)  # a number tells that a table is added
        if found is None:
            return "is truncated: no graph follows its look-ahead header"
        inner = found
    if inner.kind != b"const" or inner.arc != b"standard" or inner.flags & _ALIGNED:
        return ""
    size = inner.states * _STATE.itemsize + inner.arcs * _ARC.itemsize
    if min(inner.states, inner.arcs) < 0 or size > len(data) - inner.ends:
        return f"is truncated: {inner.states} states and {inner.arcs} arcs do not fit"
    if inner is not outer and inner.flags & _HAS_SYMBOLS:
        return ""
    # Words come before the states, a look-ahead table after the arcs; never both.
    at = inner.ends if inner is not outer else len(data) - size
    return _lost(data[at : at + size], inner)


def _lost(data: np.ndarray, header: _Header) -> str:
    split = header.states * _STATE.itemsize
    states, arcs = data[:split].view(_STATE), data[split:].view(_ARC)
    if not 0 <= header.start < header.states:
        return f"begins at state {header.start} of {header.states}"
    ends = states["first"].astype(np.int64) + states["arcs"]
    if ends.max(initial=0) > header.arcs or (np.diff(states["first"].astype(np.int64)) < 0).any():
        return "has a state whose arcs are elsewhere: it is damaged"
    if (states["silent"] > states["arcs"]).any() or (states["mute"] > states["arcs"]).any():
        return "has a state with more silent arcs than arcs: it is damaged"
    if ((arcs["next"] < 0) | (arcs["next"] >= header.states)).any():
        return "has an arc that leads nowhere: it is damaged"
    if (arcs["heard"] < 0).any() or (arcs["said"] < 0).any():
        return "has an arc with a label below zero: it is damaged"
    if np.isnan(arcs["weight"]).any() or np.isnan(states["weight"]).any():
        return "has a weight that is no number: it is damaged"
    return ""


def _header(data: np.ndarray, at: int) -> _Header | None:
    head = data[at : at + 512].tobytes()
    if not head.startswith(FST_BEGINS):
        return None
    place, names = 4, []
    try:
        for _ in ("type", "arc type"):
            (length,) = struct.unpack_from("<i", head, place)
            names.append(head[place + 4 : place + 4 + length])
            place += 4 + length
        _, flags, _, start, states, arcs = _COUNTS.unpack_from(head, place)
    except struct.error:
        return None
    kind, arc = names
    return _Header(kind, arc, flags, start, states, arcs, at + place + _COUNTS.size)
