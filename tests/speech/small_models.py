"""Model folders and archives for tests: a few hundred bytes that have every mark `check` looks for."""

import hashlib
import struct
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from pi_companion.speech.model_archives import KnownModel

ACOUSTIC = b"\0B<TransitionModel> \n\ninput-node name=input dim=40\n</Nnet3> <Priors> FV \x04\x02\0\0\0" + bytes(8)


@dataclass(frozen=True, slots=True)
class Steps:
    """A progress callback that remembers."""

    seen: list[tuple[int, int | None]] = field(default_factory=list)

    def __call__(self, done: int, total: int | None) -> None:
        """Remember one step: bytes done, bytes in all."""
        self.seen.append((done, total))


def accept(_folder: Path) -> None:
    """Stand in for the trial in Vosk, which no made-up model passes."""


def graph(*, has_words: bool) -> bytes:
    """Return a binary FST's header: magic, type, arc type, version, flags."""
    return (
        struct.pack("<i", 2125659606)
        + struct.pack("<i", 6)
        + b"vector"
        + struct.pack("<i", 8)
        + b"standard"
        + struct.pack("<ii", 2, 3 if has_words else 0)
        + bytes(40)
    )


def lookahead() -> dict[str, bytes]:
    """Return the files of a small model with the look-ahead graph."""
    return {
        "am/final.mdl": ACOUSTIC,
        "conf/mfcc.conf": b"--use-energy=false\n",
        "conf/model.conf": b"# decoding\n--beam=12.0\n",
        "graph/HCLr.fst": graph(has_words=False),
        "graph/Gr.fst": graph(has_words=True),
        "graph/disambig_tid.int": b"11\n12\n",
    }


def static() -> dict[str, bytes]:
    """Return the files of a small model with the static graph and a word list beside it."""
    files = {name: data for name, data in lookahead().items() if not name.startswith("graph/")}
    return files | {"graph/HCLG.fst": graph(has_words=False), "graph/words.txt": b"<eps> 0\n"}


def folder(at: Path, files: Mapping[str, bytes]) -> Path:
    """Write files below `at` and return it."""
    for name, data in files.items():
        path = at / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
    return at


def archive(at: Path, files: Mapping[str, bytes], top: str = "") -> Path:
    """Write files into the zip `at`, in the folder `top` if one is given, and return it."""
    with zipfile.ZipFile(at, "w", zipfile.ZIP_DEFLATED) as opened:
        for name, data in files.items():
            opened.writestr(f"{top}/{name}" if top else name, data)
    return at


def known(name: str, payload: bytes, url: str = "http://127.0.0.1:9/nothing-listens-here.zip") -> KnownModel:
    """Return the registry entry under which exactly `payload` is accepted."""
    return KnownModel(name=name, url=url, size_bytes=len(payload), sha256=hashlib.sha256(payload).hexdigest())


def tree(at: Path) -> dict[str, bytes]:
    """Return every file below `at`, by path."""
    return {path.relative_to(at).as_posix(): path.read_bytes() for path in at.rglob("*") if path.is_file()}
