"""What may a reader do with a file that is not as it must be? Take it, or say one thing a person can act on. Soon."""

import re
import signal
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType
from typing import Final, TypeVar

from pi_companion.errors import CompanionError, HardwareError, InputError, ModelError, UsageError

Read = TypeVar("Read")

HANG_S: Final = 60
"""What takes milliseconds has hung if it takes this long, on however busy a machine."""

LONGEST_MESSAGE: Final = 20_000
_EXITS: Final = {UsageError: 2, InputError: 3, ModelError: 4, HardwareError: 5}


class Hang(BaseException):
    """A reader did not come back. No `Exception`: nothing may catch it on the way."""


@contextmanager
def no_hang(seconds: int = HANG_S) -> Iterator[None]:
    """Raise `Hang` in this thread if what is done takes too long."""

    def ring(_number: int, _frame: FrameType | None) -> None:
        raise Hang(f"nothing came back within {seconds} s")

    before = signal.signal(signal.SIGALRM, ring)
    signal.alarm(seconds)
    try:
        yield
    finally:
        signal.alarm(0)
        signal.signal(signal.SIGALRM, before)


def read_or_told(read: Callable[[], Read], *places: Path) -> Read | None:
    """Return what `read` gives, or None if it told what is wrong with one of `places` in a message for a person.

    Anything else that is raised is a defect, and so is an error of no kind of its own.
    """
    try:
        with no_hang():
            return read()
    except CompanionError as error:
        found = error
    told = str(found)
    assert any(isinstance(found, kind) and found.exit_code == code for kind, code in _EXITS.items()), repr(found)
    assert told.strip(), "an error without a message"
    assert any(str(place) in told for place in places), f"names no file: {told}"
    assert len(told) < LONGEST_MESSAGE, f"{len(told)} characters"
    assert not re.search(r"[\x00-\x09\x0b-\x1f\x7f-\x9f\u2028-\u202e\ud800-\udfff]", told), repr(told)
    return None


@contextmanager
def files(**named: bytes) -> Iterator[Path]:
    """Lend a new folder with these files; `_` in a name stands for a dot. Nothing may appear beside them."""
    with tempfile.TemporaryDirectory(prefix="fuzz-") as place:
        folder = Path(place)
        for name, data in named.items():
            (folder / name.replace("_", ".")).write_bytes(data)
        before = {path.name for path in folder.iterdir()}
        yield folder
        assert {path.name for path in folder.iterdir()} == before, "left something behind"
