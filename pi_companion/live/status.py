"""How is the running device? One JSON document to whoever connects to a local socket: states and counts, never text.

The socket is for root and the service's group. Each caller is answered and hung up on, one after the other, on a
thread of its own: one that does not read waits by itself, for a second at most.
"""

import json
import socket
import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, Final

from pi_companion.errors import HardwareError

SOCKET: Final = "status.sock"
MODE: Final = 0o660

_CALLER_S: Final = 1.0
_LONGEST: Final = 1 << 20
_LOOK_S: Final = 0.2

Document = dict[str, Any]


@contextmanager
def answering(path: Path, document: Callable[[], Document]) -> Iterator[None]:
    """Answer at `path` until the block ends. `document` is called on the answering thread, once for each caller.

    Raises `HardwareError` if there can be no socket there.
    """
    listening = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    try:
        with suppress(FileNotFoundError):
            path.unlink()
        listening.bind(str(path))
        path.chmod(MODE)  # before it listens: nobody gets in earlier
        listening.listen(4)
    except OSError as error:
        listening.close()
        raise HardwareError(f"{path}: no status socket: {error}") from error
    listening.settimeout(_LOOK_S)
    is_over = threading.Event()

    def answer() -> None:
        while not is_over.is_set():
            with suppress(OSError):  # nobody came, or whoever came has gone
                caller, _ = listening.accept()
                with caller:
                    caller.settimeout(_CALLER_S)
                    caller.sendall(json.dumps(document()).encode())

    thread = threading.Thread(target=answer, name="status", daemon=True)
    thread.start()
    try:
        yield
    finally:
        is_over.set()
        thread.join(timeout=2 * _CALLER_S)
        listening.close()
        with suppress(OSError):
            path.unlink()


def ask(folders: Iterable[Path]) -> Document:
    """Return what the first running device in one of the folders says.

    Raises `HardwareError`: none runs, it may not be asked, or it does not answer.
    """
    tried = []
    for path in (folder / SOCKET for folder in folders):
        try:
            return _ask(path)
        except (FileNotFoundError, NotADirectoryError, ConnectionRefusedError):
            tried.append(str(path))
        except PermissionError as error:
            raise HardwareError(
                f"{path}: may not be asked: it answers root and the group of the service; try: sudo pi-companion status"
            ) from error
        except (OSError, ValueError) as error:
            raise HardwareError(
                f"{path}: does not answer ({error}): the device hangs, or is just starting; "
                "see: systemctl status pi-companion"
            ) from error
    raise HardwareError(
        f"no pi-companion runs here (no answer at {', '.join(tried)}): "
        "start it with: sudo systemctl start pi-companion, or try it at this desk: pi-companion run --simulated-board"
    )


def _ask(path: Path) -> Document:
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as line:
        line.settimeout(2 * _CALLER_S)
        line.connect(str(path))
        heard = b""
        while len(heard) < _LONGEST and (more := line.recv(65536)):
            heard += more
    found = json.loads(heard)
    if not isinstance(found, dict):
        raise ValueError("not a status document")  # noqa: TRY004 - to the caller it is one kind of wrong answer
    return found


def told(document: Document) -> list[tuple[str, str]]:
    """Return a document as rows for people: what, and how it is."""
    waiting, turn = document["waiting"], document["turn_ms"]
    lost = [f"{part} since {since}" for part, since in document["lost"].items()]
    return [
        ("version", f"{document['version']}, process {document['process']}, up {_passed(document['uptime_s'])}"),
        ("board", "simulated: a desk trial" if document["is_simulated"] else "this machine's pins"),
        ("harness", document["harness"]["told"]),
        ("line", document["line"]),
        ("mute", document["mute"]),
        ("lost parts", "; ".join(lost) or "none"),
        ("waiting", f"{waiting['facts']} facts, {waiting['audio']} blocks of audio"),
        ("dropped", f"{waiting['facts_dropped']} facts, {waiting['audio_dropped']} blocks of audio"),
        ("turn", f"last {turn['last']:.1f} ms, longest {turn['longest']:.1f} ms"),
        ("sound card", f"{', '.join(document['cards']) or 'none'}; {document['drift_ms']} ms behind this machine"),
        ("nudges", _counted(document["nudges"])),
        ("withheld", _counted(document["withheld"])),
        ("events", _counted(document["events"])),
        ("model", document["model"] or "none: speech is off"),
        ("rule pack", document["pack"]),
        ("settings", document["settings_sha256"][:12]),
    ]


def _counted(counts: dict[str, int]) -> str:
    return ", ".join(f"{name}: {number}" for name, number in sorted(counts.items())) or "none"


def _passed(seconds: int) -> str:
    hours, rest = divmod(seconds, 3600)
    return f"{hours} h {rest // 60:02} min {rest % 60:02} s"
