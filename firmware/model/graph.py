"""How do sounds become words? The decoding graph, in two halves that Vosk joins as it listens.

The first half, `HCLr.fst`, leads from frames to words: a unit holds for one frame or more, blanks may stand between
any two units, and words that begin alike share their beginning. A word is written as soon as only it is left; words
that sound alike differ in nothing but that. CTC answers with a spike somewhere in a unit and blanks around it: a few
of the blanks before a word count as its beginning, a few after it as its end, so that its times are those of its sound.
The second half, `Gr.fst`, says which word may follow which; Vosk puts
another one in its place where it is given a grammar. OpenFst's look-ahead table ties the halves: only
`fstconvert` writes it, so its own numbers of the words are taken over into the second half.
"""

import shutil
import subprocess
import tempfile
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from firmware.model.export import BLANK_AHEAD, BLANK_BETWEEN, BLANK_INSIDE, PHONES
from firmware.model.fst import Graph, write_const, write_vector
from firmware.model.lexicon import Reading
from firmware.model.units import INITIALS, split

Pronounced = tuple[int, ...]
"""Phones of a word."""

AHEAD_FRAMES: Final = 2
"""Frames of 30 ms that a word begins before its first spike, where there is nothing else."""

AFTER_FRAMES: Final = 5
"""Frames that it goes on after its last one."""

_OTHERWISE: Final = 0.02
"""Cost of giving such a frame to the silence: what decides between ways that sound the same."""

_JOINED_FROM: Final = 3
"""With so many ways to go on, a state of their own saves arcs."""

_FIRST: Final = {PHONES[f"{initial}_I"]: PHONES[f"{initial}_B"] for initial in INITIALS}
_PATH: Final = "/usr/bin:/bin"
_PLUGINS: Final = "/usr/lib/*/fst/*/olabel_lookahead-fst.so"
_PLUGINS_PACKAGE = "libfst22-plugins-base (Debian 13: libfst26-plugins-base)"
_UNUSED: Final = 2 * len(PHONES) + 1


class GraphError(Exception):
    """The graph cannot be built; the message says what to do."""


def phones(reading: Reading) -> Pronounced:
    """Return the phones of a word, each by its place in the word, the first as if something of it went before."""
    parts = [split(syllable) for syllable in reading]
    last = len(parts) - 1
    return tuple(
        PHONES[name]
        for at, (initial, final) in enumerate(parts)
        for name in (f"{initial}_I", f"{final}_{'I' if at < last else 'E'}")
    )


def first_half(lexicon: Mapping[str, Iterable[Reading]], labels: Mapping[str, int]) -> Graph:
    """Return the graph from transition ids (`kaldi_io.transition_model`) to the labels of words, a word or none."""
    return _FirstHalf(lexicon, labels).graph


def write(
    folder: Path,
    lexicon: Mapping[str, Iterable[Reading]],
    second_half: Callable[[Mapping[str, int]], Graph],
) -> None:
    """Write `graph/` of a model folder. `second_half`: makes the graph of words for the labels it is given.

    Raises GraphError if `fstconvert` or its look-ahead plugin is missing or fails.
    """
    words = list(lexicon)
    labels = {word: number for number, word in enumerate(words, 1)}
    (folder / "graph").mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as work:
        write_vector(Path(work, "HCL.fst"), first_half(lexicon, labels))
        _convert(Path(work), folder / "graph/HCLr.fst")
        rows = [line.split() for line in Path(work, "relabel").read_text("ascii").splitlines()]
        pairs = {int(label): int(other) for label, other in rows}
    labels = {word: pairs[label] for word, label in labels.items()}
    write_const(folder / "graph/Gr.fst", second_half(labels), {"<eps>": 0} | labels)
    # Vosk wants a list of inputs to pass over in silence. There are none: nothing here had to be made deterministic.
    (folder / "graph/disambig_tid.int").write_text(f"{_UNUSED}\n", "ascii")


def _convert(work: Path, to: Path) -> None:
    found = next(iter(sorted(Path("/").glob(_PLUGINS[1:]))), None)
    program = shutil.which("fstconvert", path=_PATH)
    if not program:
        raise GraphError(f"fstconvert is missing: apt-get install libfst-tools {_PLUGINS_PACKAGE}")
    command = [program, "--fst_type=olabel_lookahead", f"--save_relabel_opairs={work / 'relabel'}"]
    environment = {"PATH": _PATH, "LD_LIBRARY_PATH": str(found.parent) if found else ""}
    ended = subprocess.run(
        [*command, str(work / "HCL.fst"), str(work / "HCLr.fst")], env=environment, capture_output=True, check=False
    )
    if ended.returncode != 0 or not (work / "HCLr.fst").exists():
        said = ended.stderr.decode(errors="replace").strip() or f"ended with {ended.returncode}"
        missing = "" if found else f"; its look-ahead plugin is missing: apt-get install {_PLUGINS_PACKAGE}"
        raise GraphError(f"fstconvert: {said}{missing}")
    to.write_bytes((work / "HCLr.fst").read_bytes())


@dataclass(slots=True)
class _Node:
    """Words that begin alike, by their next phone; `words`: those that end here."""

    children: dict[int, "_Node"] = field(default_factory=dict)
    words: list[int] = field(default_factory=list)
    count: int = 0


class _FirstHalf:
    def __init__(self, lexicon: Mapping[str, Iterable[Reading]], labels: Mapping[str, int]) -> None:
        self.graph = Graph()
        self._root = self.graph.state()
        self._led = self.graph.state()  # as the root, for a word that has begun with a blank
        self._ahead = [self.graph.state() for _ in range(AHEAD_FRAMES)]
        for frames, state in enumerate(self._ahead, 1):
            self.graph.arc(state, 0, 0, (AHEAD_FRAMES - frames) * _OTHERWISE, self._led)
            if frames < AHEAD_FRAMES:
                self._go_on(state, BLANK_AHEAD, self._ahead[frames])
        self._silence = self.graph.state(final=0)
        self._go_on(self._silence, BLANK_BETWEEN, self._silence)
        self._to_word(self._silence)
        self.graph.start = self.graph.state(final=0)
        self._go(self.graph.start, BLANK_BETWEEN, 0, self._silence)
        self._to_word(self.graph.start)
        self._after = [self.graph.state(final=0) for _ in range(AFTER_FRAMES)]
        for frames, state in enumerate(self._after, 1):
            self._to_silence(state, frames)
        self._ends: dict[int, int] = {}
        self._tails: dict[Pronounced, int] = {}
        tree = _Node()
        for word, readings in lexicon.items():
            for reading in dict.fromkeys(readings):
                node = tree
                for phone in phones(reading):
                    node = node.children.setdefault(phone, _Node())
                    node.count += 1
                node.words.append(labels[word])
        for phone, node in tree.children.items():
            self._enter((self._root, self._led), phone, node)

    def _enter(self, froms: Iterable[int], phone: int, node: _Node) -> None:
        """Add what follows the first frame of a phone, reached from some states."""
        if node.words:
            for label in node.words:
                self._from(froms, phone, label, self._end(phone))
        elif node.count == 1:
            tail: list[int] = []
            end = node
            while not end.words:
                ((following, end),) = end.children.items()
                tail.append(following)
            self._from(froms, phone, end.words[0], self._tail((phone, *tail)))
        else:
            inside: tuple[int, ...] = self._inside(phone)
            self._from(froms, phone, 0, inside[0])
            if len(node.children) >= _JOINED_FROM:
                joint = self.graph.state()
                for state in inside:
                    self.graph.arc(state, 0, 0, 0, joint)
                inside = (joint,)
            for following, child in node.children.items():
                self._enter(inside, following, child)

    def _tail(self, row: Pronounced) -> int:
        """Return the state after the first frame of the first of some phones, the last of which end a word."""
        if len(row) == 1:
            return self._end(row[0])
        if row not in self._tails:
            inside = self._inside(row[0])
            self._tails[row] = inside[0]
            self._from(inside, row[1], 0, self._tail(row[1:]))
        return self._tails[row]

    def _inside(self, phone: int) -> tuple[int, int]:
        """Return a state in a phone, and one in the blank that may follow it inside a word."""
        within, blank = self.graph.state(), self.graph.state()
        self._go_on(within, phone, within)
        self._go(within, BLANK_INSIDE, 0, blank)
        self._go_on(blank, BLANK_INSIDE, blank)
        return within, blank

    def _end(self, phone: int) -> int:
        """Return the state in the last phone of a word."""
        if phone not in self._ends:
            state = self._ends[phone] = self.graph.state(final=0)
            self._go_on(state, phone, state)
            self._to_silence(state, 0)
        return self._ends[phone]

    def _to_silence(self, state: int, after: int) -> None:
        """Add the ways out of a word that has so many blanks after its last phone.

        The word alignment counts to a word what goes on in a phone, whichever: so may the blank inside of words.
        """
        self._to_word(state)
        self.graph.arc(state, 2 * BLANK_BETWEEN, 0, (AFTER_FRAMES - after) * _OTHERWISE, self._silence)
        if after < AFTER_FRAMES:
            self._go_on(state, BLANK_INSIDE, self._after[after])

    def _to_word(self, state: int) -> None:
        self.graph.arc(state, 0, 0, AHEAD_FRAMES * _OTHERWISE, self._root)
        self._go(state, BLANK_AHEAD, 0, self._ahead[0])

    def _from(self, froms: Iterable[int], phone: int, label: int, to: int) -> None:
        for state in froms:
            self._go(state, _FIRST[phone] if state == self._root else phone, label, to)

    def _go(self, at: int, phone: int, label: int, to: int) -> None:
        self.graph.arc(at, 2 * phone, label, 0, to)

    def _go_on(self, at: int, phone: int, to: int) -> None:
        self.graph.arc(at, 2 * phone - 1, 0, 0, to)
