"""Did anything of what was said get out? What a process opened and connected to, and a scan of what it left behind.

Law 9. Used on a live call in this folder, and meant for any other run: give `Needles.of` the call folder that was
played, `leaks_in` the folders that the device may write to and what it printed, `written_in` an strace of it.

    needles = Needles.of(Path(".../03-hold-with-consent"))
    assert leaks_in([runtime, state], {"journal": journal}, needles) == []
"""

import base64
import binascii
import json
import os
import re
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np

from pi_companion.session import folder as call
from pi_companion.speech.phonetics import syllables

_HANZI: Final = re.compile("[㐀-鿿]+")
_LONGEST_WINDOW: Final = 3
"""Characters in a row that count as said: two common ones side by side are no quotation."""

_AUDIO_BYTES: Final = 32
"""A millisecond of one side: of any two that are written, one whole window of these is among them."""

_WRITES: Final = os.O_WRONLY | os.O_RDWR | os.O_APPEND | os.O_CREAT | os.O_TRUNC
_ENCODED: Final = re.compile(rb"[A-Za-z0-9+/_-]{64,}={0,2}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Needles:
    """What must not be found: texts by what they stand for, and windows of audio."""

    texts: Mapping[bytes, str]
    audio: frozenset[bytes]

    @classmethod
    def of(cls, folder: Path) -> "Needles":
        """Return what was said in a call folder with truth, as text, as pinyin, and as sound."""
        opened = call.load(folder)
        said = [record["text"] for record in opened.truth or () if record.get("text") and record["kind"] == "turn"]
        return cls(texts=dict(_spelled(said)), audio=_windows(call.read_audio(opened)))

    def found_in(self, data: bytes) -> list[str]:
        """Return what of it is in `data`, as it is, or as hex or base64 of it."""
        return sorted({told for each in (data, *_decoded(data)) for told in self._found_in(each)})

    def _found_in(self, data: bytes) -> Iterator[str]:
        lower = data.lower()
        yield from (told for needle, told in self.texts.items() if needle in data or needle in lower)
        # Every place, not every window: audio may begin anywhere in a file.
        if any(data[at : at + _AUDIO_BYTES] in self.audio for at in range(len(data) - _AUDIO_BYTES + 1)):
            yield "audio"


def _spelled(said: Iterable[str]) -> Iterator[tuple[bytes, str]]:
    for text in said:
        for run in _HANZI.findall(text):
            for part in _parts(run):
                for written in (part.encode(), part.encode("utf-16-le"), part.encode("gbk")):
                    yield written, f"the words {part}"
                yield json.dumps(part)[1:-1].encode(), f"the words {part}, escaped"
        for sounds in _parts(syllables(text)):
            if len(sounds) == _LONGEST_WINDOW:
                for between in ("", " ", "-", "_", "'", '", "', "', '"):
                    yield between.join(sounds).encode(), f"the sounds {' '.join(sounds)}"


def _parts(said: Any) -> Iterator[Any]:  # noqa: ANN401 - a text or a tuple of syllables, cut alike
    for start in range(max(1, len(said) - _LONGEST_WINDOW + 1)):
        if len(part := said[start : start + _LONGEST_WINDOW]) > 1:
            yield part


def _windows(stereo: bytes) -> frozenset[bytes]:
    samples = np.frombuffer(stereo, "<i2").reshape(-1, 2)
    found = set()
    for stream in (samples[:, 0], samples[:, 1], samples.reshape(-1)):
        data = np.ascontiguousarray(stream).tobytes()
        windows = (data[at : at + _AUDIO_BYTES] for at in range(0, len(data) - _AUDIO_BYTES, _AUDIO_BYTES))
        found |= {window for window in windows if len(set(window)) > _AUDIO_BYTES // 2}  # near silence is anywhere
    return frozenset(found)


def _decoded(data: bytes) -> Iterator[bytes]:
    for match in _ENCODED.finditer(data):
        text = match[0].rstrip(b"=")
        for start in range(4):
            part = text[start : start + (len(text) - start) // 4 * 4]
            yield base64.b64decode(part.translate(bytes.maketrans(b"-_", b"+/")))
        if re.fullmatch(rb"[0-9a-fA-F]+", text):
            yield binascii.unhexlify(text[: len(text) // 2 * 2])


def leaks_in(folders: Iterable[Path], printed: Mapping[str, bytes], needles: Needles) -> list[str]:
    """Return where something that was said is found: in files below the folders, their names, or what was printed."""
    places = dict(printed)
    for folder in folders:
        for path in sorted(folder.rglob("*")):
            name = str(path.relative_to(folder))
            places[f"the name {name}"] = os.fsencode(name)
            if path.is_file():
                places[str(path)] = path.read_bytes()
    return [f"{place}: {told}" for place, data in places.items() for told in needles.found_in(data)]


def spy(touched: list[str]) -> Callable[[str, tuple[Any, ...]], None]:
    """Return an audit hook that notes every file opened for writing, every socket and every process begun."""

    def hook(event: str, arguments: tuple[Any, ...]) -> None:
        match event:
            case "open":
                path, mode, flags = arguments
                is_written = (flags or 0) & _WRITES or any(letter in (mode or "") for letter in "wax+")
                if is_written and not isinstance(path, int):
                    touched.append(f"write {os.fsdecode(path)}")
            case "socket.bind" | "socket.connect" | "socket.sendto":
                touched.append(f"{event} {arguments[1]}")
            case "os.rename" | "os.mkdir" | "os.link" | "os.symlink" | "shutil.copyfile" | "os.truncate":
                touched.append(f"{event} {' '.join(map(str, arguments[:2]))}")
            case "subprocess.Popen" | "os.posix_spawn" | "os.exec" | "os.fork" | "os.system" | "socket.gethostbyname":
                touched.append(f"{event} {arguments[0] if arguments else ''}")
            case _:
                pass

    return hook


def watch(touched: list[str]) -> None:
    """Note in this process, from now on and for good, what `spy` does."""
    sys.addaudithook(spy(touched))


_OPENED: Final = re.compile(r'open(?:at)?\((?:[^,"]*, )?"((?:[^"\\]|\\.)*)", ([A-Z_|0-9a-z]+)[^)]*\) = \d+')
_CREATED: Final = re.compile(r"(?<![a-z_])((?:creat|rename|mkdir|link|symlink|mknod)(?:at2?)?)\((.*)\) = 0")
_CONNECTED: Final = re.compile(r"(connect|bind|sendto|sendmsg)\(\d+<?[^,]*, (.*)")


def written_in(strace: str) -> list[str]:
    """Return what an `strace -f` log says was opened for writing, made, or connected to; native code included.

    Trace it with `-e trace=%file,%network`.
    """
    found = []
    for line in strace.splitlines():
        if (opened := _OPENED.search(line)) and set(opened[2].split("|")) & {"O_WRONLY", "O_RDWR", "O_CREAT"}:
            found.append(f"write {opened[1]}")
        elif created := _CREATED.search(line):
            found.append(f"{created[1]} {created[2]}")
        elif (connected := _CONNECTED.search(line)) and "sa_family=" in connected[2]:
            family = re.search(r"sa_family=(AF_\w+)(?:, sun_path=@?\"([^\"]*)\")?", connected[2])
            if family:
                found.append(f"{connected[1]} {family[1]} {family[2] or ''}".strip())
    return found


def strange(touched: Iterable[str], allowed: Iterable[str]) -> list[str]:
    """Return what no pattern of `allowed` matches whole."""
    patterns = [re.compile(pattern) for pattern in allowed]
    return sorted({each for each in touched if not any(pattern.fullmatch(each) for pattern in patterns)})
