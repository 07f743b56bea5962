"""How does Kaldi write numbers and networks to a binary file? Reading and writing `am/final.mdl`, byte for byte.

A file is a transition model, an nnet3 network (wiring as text, then its components), its contexts and the priors.
Components are not interpreted here: each is a row of tokens with values, kept in order, so that what was read is
written back the same. Source: the formats of Kaldi's `kaldi-matrix`, `compressed-matrix` and `nnet3`.
"""

import struct
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, TypeAlias

import numpy as np

from pi_companion.writing import replace_file

Value: TypeAlias = bool | int | float | list[int] | np.ndarray
"""What may follow a token; a plain float is single precision, a `Double` is not."""

_BEGINS: Final = b"\0B"
_INTEGERS: Final = frozenset(
    "<Dim> <BlockDim> <InputDim> <OutputDim> <RankIn> <RankOut> <RankInOut> <UpdatePeriod> <NumBlocks>".split()  # noqa: SIM905 - read as a row
)
_LISTS: Final = frozenset({"<TimeOffsets>", "<Offsets>", "<ColumnMap>", "<Context>"})
_ARRAYS: Final = {"FV": ("<f4", 1), "DV": ("<f8", 1), "FM": ("<f4", 2), "DM": ("<f8", 2)}


Fields: TypeAlias = "Mapping[str, tuple[Value | Compressed, ...]]"


class KaldiFormatError(ValueError):
    """A file is not what it should be; the message says where."""


class Double(float):
    """A number in double precision."""


@dataclass(frozen=True, slots=True)
class Compressed:
    """A matrix that is written in one byte a number: Kaldi's `CM`, each column between its own quartiles."""

    matrix: np.ndarray

    def decoded(self) -> np.ndarray:
        """Return the matrix as a reader of the file gets it."""
        return decompress(*_compressed(self.matrix))


@dataclass(frozen=True, slots=True, kw_only=True)
class Component:
    """A component of the network: `FixedAffineComponent` and the like, with its tokens in the order of the file."""

    kind: str
    fields: Fields

    def array(self, token: str) -> np.ndarray:
        """Return the vector or matrix behind a token."""
        (value,) = self.fields[token]
        if isinstance(value, Compressed):
            return value.decoded()
        if not isinstance(value, np.ndarray):
            raise KaldiFormatError(f"{self.kind}: {token} is no vector or matrix")
        return value

    def number(self, token: str) -> float:
        """Return the number behind a token."""
        (value,) = self.fields[token]
        if not isinstance(value, int | float):
            raise KaldiFormatError(f"{self.kind}: {token} is no number")
        return value


@dataclass(frozen=True, slots=True, kw_only=True)
class AcousticModel:
    """A whole `final.mdl`. `transitions`: the transition model's bytes. `config`: the wiring, a line each."""

    transitions: bytes
    config: tuple[str, ...]
    components: Mapping[str, Component]
    left_context: int
    right_context: int
    priors: np.ndarray = field(default_factory=lambda: np.zeros(0, np.float32))


def read(path: Path) -> AcousticModel:
    """Read a binary acoustic model. Raises KaldiFormatError with the place, or OSError."""
    reader = _Reader(path.read_bytes(), str(path))
    network = reader.data.find(b"<Nnet3> ")
    if not reader.data.startswith(_BEGINS) or network < 0:
        raise KaldiFormatError(f"{path}: is no binary Kaldi acoustic model with an nnet3 network")
    reader.at = network + len(b"<Nnet3> ")
    config = reader.config()
    reader.expect("<NumComponents>")
    components = {}
    for _ in range(reader.integer()):
        reader.expect("<ComponentName>")
        name = reader.token()
        components[name] = reader.component()
    reader.expect("</Nnet3>")
    reader.expect("<LeftContext>")
    left = reader.integer()
    reader.expect("<RightContext>")
    right = reader.integer()
    reader.expect("<Priors>")
    return AcousticModel(
        transitions=reader.data[len(_BEGINS) : network],
        config=config,
        components=components,
        left_context=left,
        right_context=right,
        priors=reader.array(),
    )


def write(path: Path, model: AcousticModel) -> None:
    """Write a binary acoustic model, whole or not at all."""
    parts = [_BEGINS, model.transitions, b"<Nnet3> \n"]
    parts += [line.encode() + b"\n" for line in model.config]
    parts += [b"\n", token("<NumComponents>"), packed(len(model.components))]
    for name, component in model.components.items():
        parts += [token("<ComponentName>"), token(name), token(f"<{component.kind}>")]
        for key, values in component.fields.items():
            parts += [token(key), *(packed(value) for value in values)]
        parts.append(token(f"</{component.kind}>"))
    parts += [token("</Nnet3>"), token("<LeftContext>"), packed(model.left_context)]
    parts += [token("<RightContext>"), packed(model.right_context), token("<Priors>"), packed(model.priors)]
    replace_file(path, b"".join(parts), 0o644)


def transition_model(pdfs: list[int]) -> bytes:
    """Return the bytes of a transition model in which phone p, from 1, has one state that says `pdfs[p - 1]`.

    Staying and leaving are equally likely. Transition ids: 2p - 1 stays, 2p leaves; with Kaldi's reordered graphs the
    first frame of a phone carries 2p and every further one 2p - 1.
    """
    phones = list(range(1, len(pdfs) + 1))
    half = 0.5
    return b"".join(
        [
            token("<TransitionModel>"), token("<Topology>"), packed(phones), packed([-1] + [0] * len(phones)),
            packed(1), packed(2),  # one entry, of two states
            packed(0), packed(2), packed(0), packed(half), packed(1), packed(half),  # pdf class 0: stays, or goes on
            packed(-1), packed(0),  # the last state says nothing
            token("</Topology>"), token("<Triples>"), packed(len(phones)),
            *(packed(value) for phone, pdf in zip(phones, pdfs, strict=True) for value in (phone, 0, pdf)),
            token("</Triples>"), token("<LogProbs>"),
            packed(np.array([0.0] + [np.log(half)] * (2 * len(phones)), np.float32)),
            token("</LogProbs>"), token("</TransitionModel>"),
        ]
    )  # fmt: skip


def token(text: str) -> bytes:
    """Return a token with the blank that ends it."""
    return text.encode() + b" "


def packed(value: Value | Compressed) -> bytes:
    """Return a value as Kaldi writes it."""
    match value:
        case bool():
            return b"T" if value else b"F"
        case int():
            return struct.pack("<bi", 4, value)
        case Double():
            return struct.pack("<bd", 8, value)
        case float():
            return struct.pack("<bf", 4, value)
        case list():
            return struct.pack("<bi", 4, len(value)) + np.asarray(value, "<i4").tobytes()
        case Compressed():
            span, headers, body = _compressed(value.matrix)
            rows, columns = body.shape
            return b"CM " + struct.pack("<ffii", *span, rows, columns) + headers.tobytes() + body.T.tobytes()
        case np.ndarray():
            letter = "D" if value.dtype == np.float64 else "F"
            kind = letter + ("V" if value.ndim == 1 else "M")
            dtype = _ARRAYS[kind][0]
            return token(kind) + b"".join(map(packed, value.shape)) + np.ascontiguousarray(value, dtype).tobytes()


def decompress(span: tuple[float, float], headers: np.ndarray, body: np.ndarray) -> np.ndarray:
    """Return the numbers of a `CM` matrix, float32. `headers`: (columns, 4) quartiles, 16 bits; `body`: a byte each."""
    least, width = span
    quartiles = np.float32(least) + np.float32(width) * np.float32(1.52590218966964e-05) * headers.astype(np.float32)
    low, lower, upper, high = quartiles.T
    at = body.astype(np.float32)
    first = low + (lower - low) * at * np.float32(1 / 64)
    middle = lower + (upper - lower) * (at - 64) * np.float32(1 / 128)
    last = upper + (high - upper) * (at - 192) * np.float32(1 / 63)
    found: np.ndarray = np.where(at <= 64, first, np.where(at <= 192, middle, last)).astype(np.float32)
    return found


def _compressed(matrix: np.ndarray) -> tuple[tuple[float, float], np.ndarray, np.ndarray]:
    """Return least value and width of all, four 16-bit quartiles a column, and a byte for each number."""
    matrix = np.asarray(matrix, np.float32)
    least, most = float(matrix.min()), float(matrix.max())
    width = (most - least) or 1.0
    wanted = np.quantile(matrix, [0, 0.25, 0.75, 1], axis=0)
    headers = np.rint((wanted - least) / width * 65535).clip(0, 65535).astype("<u2").T
    headers = np.maximum.accumulate(headers.astype(np.int64) + np.arange(4), axis=1)  # strictly rising
    headers = (headers - np.maximum(0, headers[:, 3:] - 65535)).clip(0, 65535).astype("<u2")
    steps = np.asarray(decompress((least, width), headers, np.arange(256)[:, None]), np.float32)
    body = np.empty(matrix.shape, np.uint8)
    for column in range(matrix.shape[1]):
        levels = steps[:, column]
        after = np.searchsorted(levels, matrix[:, column]).clip(1, 255)
        is_lower = matrix[:, column] - levels[after - 1] < levels[after] - matrix[:, column]
        body[:, column] = after - is_lower
    return (least, width), headers, body


class _Reader:
    def __init__(self, data: bytes, name: str) -> None:
        self.data, self.name, self.at = data, name, 0

    def token(self) -> str:
        end = self.data.find(b" ", self.at)
        if not 0 <= end - self.at < 200:
            raise self.error("a token should stand here")
        found = self.data[self.at : end].decode("ascii", "replace").strip()
        self.at = end + 1
        return found

    def expect(self, wanted: str) -> None:
        found = self.token()
        if found != wanted:
            raise self.error(f"{wanted} should stand here, not {found}")

    def config(self) -> tuple[str, ...]:
        end = self.data.find(b"\n\n", self.at)
        if end < 0:
            raise self.error("the network's wiring does not end")
        lines = self.data[self.at : end].decode("ascii", "replace").strip("\n").split("\n")
        self.at = end + 2
        return tuple(lines)

    def integer(self) -> int:
        return int(self._number("i", 4))

    def component(self) -> Component:
        kind = self.token()[1:-1]
        fields: dict[str, tuple[Value | Compressed, ...]] = {}
        while (key := self.token()) != f"</{kind}>":
            values: list[Value | Compressed] = []
            while self.data[self.at : self.at + 1] != b"<":
                values.append(self._value(key))
            fields[key] = tuple(values)
        return Component(kind=kind, fields=fields)

    def array(self) -> np.ndarray:
        kind = self.token()
        if kind == "CM":
            return self._compressed()
        if kind not in _ARRAYS:
            raise self.error(f"a vector or matrix should stand here, not {kind}")
        dtype, dimensions = _ARRAYS[kind]
        shape = tuple(self.integer() for _ in range(dimensions))
        return self._numbers(dtype, shape).astype(dtype)

    def _compressed(self) -> np.ndarray:
        least, width, rows, columns = struct.unpack("<ffii", self._take(16))
        headers = self._numbers("<u2", (columns, 4))
        return decompress((least, width), headers, self._numbers("u1", (columns, rows)).T)

    def _value(self, key: str) -> Value:
        first = self.data[self.at : self.at + 1]
        if first in (b"T", b"F") and self.data[self.at + 1 : self.at + 3] not in (b"V ", b"M "):
            self.at += 1
            return first == b"T"
        if first in (b"F", b"D", b"C"):
            return self.array()
        if first == b"\x08":
            return Double(self._number("d", 8))
        if key in _LISTS:
            count = self.integer()
            return [int(value) for value in self._numbers("<i4", (count,))]
        return self.integer() if key in _INTEGERS else self._number("f", 4)

    def _number(self, letter: str, size: int) -> float:
        found = self._take(size + 1)
        if found[0] != size:
            raise self.error(f"a number of {size} bytes should stand here")
        (value,) = struct.unpack("<" + letter, found[1:])
        return value  # type: ignore[no-any-return]  # struct has no types for what it unpacks

    def _numbers(self, dtype: str, shape: tuple[int, ...]) -> np.ndarray:
        if min(shape) < 0:
            raise self.error("a size is below zero")
        return np.frombuffer(self._take(int(np.prod(shape)) * np.dtype(dtype).itemsize), dtype).reshape(shape)

    def _take(self, count: int) -> bytes:
        found = self.data[self.at : self.at + count]
        if len(found) != count:
            raise self.error("the file ends too early")
        self.at += count
        return found

    def error(self, what: str) -> KaldiFormatError:
        return KaldiFormatError(f"{self.name}: byte {self.at}: {what}")
