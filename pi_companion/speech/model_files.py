"""Is this folder a whole Vosk model? Answered before Vosk sees it.

Given a bad folder Vosk 0.3.45 says "Failed to create a model" at best, fails only at the first recogniser, or loads.
So every complaint is found here first and told at once (law 10: a missing part is an error, never a silent fake).
Only the layout with am/, conf/ and graph/ is accepted; the older one, final.mdl at the top, is named and refused.
"""

import hashlib
import os
import re
import struct
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path, PurePosixPath

from pi_companion.errors import ModelError
from pi_companion.speech.model_graphs import FST_BEGINS, damage

SUMS = "SHA256"

_ACOUSTIC = "am/final.mdl"
_ALWAYS = (_ACOUSTIC, "conf/mfcc.conf", "conf/model.conf")
_MAYBE = ("am/global_cmvn.stats", "graph/phones/word_boundary.int", "graph/words.txt")
_STATIC = "graph/HCLG.fst"
_WORDS = "graph/Gr.fst"
_LOOKAHEAD = ("graph/HCLr.fst", _WORDS, "graph/disambig_tid.int")
# Vosk takes the whole extractor or, without final.ie, silently none: then decoding fails on a network that needs it.
_IVECTOR = tuple(
    f"ivector/{name}"
    for name in ("final.dubm", "final.ie", "final.mat", "global_cmvn.stats", "online_cmvn.conf", "splice.conf")
)

_MDL_BEGINS = b"\0B<TransitionModel>"
_MDL_WANTS_IVECTOR = b"input-node name=ivector"
# The last thing in a Kaldi acoustic model: the priors, one float a class, single (FV) or double (DV) precision.
_PRIORS = re.compile(rb"<Priors> ([FD])V \x04(....)", re.DOTALL)
_LONGEST_PRIORS = 1 << 20
# The network's wiring is text near the front, after the transition table.
_LONGEST_WIRING = 16 << 20
_LONGEST_LIST = 1 << 20
_FST_HAS_OUTPUT_SYMBOLS = 2
_SUM_LINE = re.compile(r"([0-9a-f]{64}) [ *](.+)")

_TRIAL = """
import sys, soundfile, vosk
folder, speech = sys.argv[1:]
model = vosk.Model(folder)
plain, second = vosk.KaldiRecognizer(model, 16000), vosk.KaldiRecognizer(model, 16000, '["[unk]"]')
with soundfile.SoundFile(speech) as sound:
    sound.seek(128000)
    talk = sound.read(96000, dtype="int16", always_2d=True)
plain.AcceptWaveform((talk[:, 0] + talk[:, 1]).tobytes())
plain.FinalResult()
second.AcceptWaveform(talk[:16000, 0].tobytes())
second.FinalResult()
"""
_SPEECH = Path(__file__).parents[1] / "bench/calls/03-hold-with-consent/audio.flac"
"""What a model hears on trial: six seconds of talk; silence would lead it nowhere."""


def check(folder: Path) -> None:
    """Return if `folder` is a whole model in the current layout, else raise one `ModelError` with every complaint.

    Looks for the files of either graph layout (HCLG.fst; HCLr.fst with Gr.fst and disambig_tid.int), for the whole
    i-vector extractor where there is part of one or the network asks for it, at how binary files begin and the
    acoustic model ends, and compares with the folder's `SHA256` (sha256sum's format) if it has one.
    Without `SHA256` a graph cut short cannot be told from a whole one; `try_in_vosk` finds most of those.
    """
    found = _complaints(folder)
    if found:
        raise ModelError("\n".join(f"{folder}: {complaint}" for complaint in found))


def try_in_vosk(folder: Path, timeout_s: int = 300) -> None:
    """Load the model in a process of its own and have it hear six seconds of talk; `ModelError` if that fails.

    A process of its own, because native code that meets damaged data may take its process along.
    """
    command = [sys.executable, "-P", "-c", _TRIAL, str(folder), str(_SPEECH)]
    try:
        # Our own interpreter and our own text; the folder is an argument, never a shell's.
        ended = subprocess.run(command, capture_output=True, timeout=timeout_s, check=False)  # noqa: S603
    except subprocess.TimeoutExpired:
        raise ModelError(f"{folder}: Vosk did not load it within {timeout_s} s") from None
    if ended.returncode != 0:
        said = [line for line in ended.stderr.decode(errors="replace").splitlines() if line.strip()]
        if ended.returncode < 0:
            said = [f"it ended with signal {-ended.returncode} in native code; its files are damaged"]
        # Kaldi's own words tell more than the exception that follows them.
        told = next((line for line in said if line.startswith("ERROR")), said[-1])
        raise ModelError(f"{folder}: Vosk cannot load it: {told.strip()}")


def write_sums(folder: Path) -> None:
    """Write `SHA256` over every other file of `folder` and put all of it on the disk, so a rename may follow."""
    files = [path for path in sorted(folder.rglob("*")) if path.is_file() and path != folder / SUMS]
    lines = [f"{sha256(path)}  {path.relative_to(folder).as_posix()}\n" for path in files]
    (folder / SUMS).write_text("".join(lines), encoding="utf-8")
    for path in [*files, folder / SUMS, *(path for path in folder.rglob("*") if path.is_dir()), folder]:
        sync(path)


def sha256(path: Path) -> str:
    """Return the file's SHA-256 in hex."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def sync(path: Path) -> None:
    """Put a file or a folder's entries on the disk. A platform that opens no folders (Windows) skips those."""
    if path.is_dir() and os.name == "nt":
        return
    handle = os.open(path, os.O_RDONLY if path.is_dir() else os.O_RDWR)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _complaints(folder: Path) -> list[str]:
    if not folder.is_dir():
        return ["is not a folder" if folder.exists() else "is missing"]
    if not (folder / "am").exists() and (folder / "final.mdl").exists():
        return ["is in the older layout (final.mdl at the top); a current model has am/, conf/ and graph/"]
    inner = [path.name for path in folder.iterdir() if (path / _ACOUSTIC).is_file()]
    if inner and not (folder / "am").exists():
        return [f"is not a model itself; there is one inside: {inner[0]}"]
    # One complaint a file: the first that was found explains the others.
    by_file: dict[str, str] = {}
    for name, complaint in (*_structure(folder), *_sums(folder)):
        by_file.setdefault(name, complaint)
    return [f"{name} {complaint}" for name, complaint in by_file.items()]


def _structure(folder: Path) -> Iterator[tuple[str, str]]:
    has_static = (folder / _STATIC).exists()
    required = [*_ALWAYS, *((_STATIC,) if has_static else _LOOKAHEAD)]
    if (folder / "ivector").exists() or _wants_ivector(folder / _ACOUSTIC):
        required += _IVECTOR
    if not has_static and not any((folder / name).exists() for name in _LOOKAHEAD):
        required = [name for name in required if name not in _LOOKAHEAD]
        yield "graph/", "has neither HCLG.fst nor HCLr.fst with Gr.fst and disambig_tid.int"
    for name in required:
        path = folder / name
        complaint = _whole(path)
        if complaint:
            yield name, complaint
        elif name in (_STATIC, _WORDS) and not _has_words(path) and not (folder / "graph/words.txt").is_file():
            yield "graph/words.txt", f"is missing, and {name} carries no words of its own"


def _whole(path: Path) -> str:
    """Return what is wrong with one required file, or nothing."""
    if not path.is_file():
        return "is not a file" if path.exists() else "is missing"
    if path.stat().st_size == 0:
        return "is empty"
    read = _READERS.get(path.suffix)
    return read(path) if read else ""


def _acoustic(path: Path) -> str:
    if _head(path, len(_MDL_BEGINS)) != _MDL_BEGINS:
        return "does not begin as a binary Kaldi acoustic model"
    with path.open("rb") as file:
        file.seek(max(0, path.stat().st_size - _LONGEST_PRIORS))
        tail = file.read()
    for found in _PRIORS.finditer(tail):
        (count,) = struct.unpack("<i", found[2])
        if found.end() + count * (4 if found[1] == b"F" else 8) == len(tail):
            return ""
    return "is truncated: its priors do not end where the file ends"


def _graph(path: Path) -> str:
    return damage(path) if _head(path, 4) == FST_BEGINS else "does not begin as a binary FST"


def _numbers(path: Path) -> str:
    found = _head(path, _LONGEST_LIST + 1)
    is_list = len(found) <= _LONGEST_LIST and all(word.isdigit() for word in found.split())
    return "" if is_list else "is not a list of whole numbers"


def _options(path: Path) -> str:
    found = _head(path, _LONGEST_LIST + 1)
    if len(found) > _LONGEST_LIST:
        return "is too long for a list of options"
    for number, line in enumerate(found.decode(errors="replace").splitlines(), 1):
        if not re.match(r"\s*(--[a-z]|#|$)", line):
            return f"line {number} is not an option (--name=value)"
    return ""


_READERS: Mapping[str, Callable[[Path], str]] = {
    ".mdl": _acoustic,
    ".fst": _graph,
    ".int": _numbers,
    ".conf": _options,
}


def _wants_ivector(path: Path) -> bool:
    return path.is_file() and _MDL_WANTS_IVECTOR in _head(path, _LONGEST_WIRING)


def _has_words(path: Path) -> bool:
    """Tell whether a binary FST carries its output symbols: magic, type, arc type, version, then the flags."""
    header = _head(path, 256)
    at = 4
    try:
        for _ in ("type", "arc type"):
            at += 4 + struct.unpack_from("<i", header, at)[0]
        flags: int = struct.unpack_from("<i", header, at + 4)[0]
    except struct.error:
        return False
    return bool(flags & _FST_HAS_OUTPUT_SYMBOLS)


def _head(path: Path, length: int) -> bytes:
    with path.open("rb") as file:
        return file.read(length)


def _sums(folder: Path) -> Iterator[tuple[str, str]]:
    if not (folder / SUMS).is_file():
        return
    text = _head(folder / SUMS, _LONGEST_LIST).decode(errors="replace")
    named, is_garbled = set(), False
    for number, line in enumerate(text.splitlines(), 1):
        parts = _SUM_LINE.fullmatch(line)
        if not parts or PurePosixPath(parts[2]).is_absolute() or ".." in PurePosixPath(parts[2]).parts:
            yield f"{SUMS} line {number}", "is not a checksum and a file of this folder"
            is_garbled = True
            continue
        expected, name = parts.groups()
        named.add(name)
        if not (folder / name).is_file():
            yield name, f"is missing, {SUMS} names it"
        elif (found := sha256(folder / name)) != expected:
            yield name, f"is not what {SUMS} says: found {found}, expected {expected}"
    if is_garbled:
        return
    # What is not vouched for may have any bytes in it.
    for name in (*_ALWAYS, *_MAYBE, _STATIC, *_LOOKAHEAD, *_IVECTOR):
        if name not in named and (folder / name).exists():
            yield name, f"is not named by {SUMS}; install the model again"
