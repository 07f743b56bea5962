"""The error tree, drawn. Every error a person can meet names the file, the place, what was found, what to do.

    CompanionError ................. exit 1   base; never raised itself
    ├── UsageError ................. exit 2   a wrong argument or option (also the CLI library's own)
    ├── InputError ................. exit 3   a file a person wrote or recorded
    │   ├── ConfigError            site file or station profile
    │   ├── PackError              rule pack
    │   └── CallFolderError        call.toml, lines.jsonl, expected.jsonl or the audio
    ├── ModelError ................. exit 4   speech model missing, truncated, wrong or not downloadable
    ├── HardwareError .............. exit 5   a library, chip, pin or sound card is missing or busy
    └── GivenUp .................... exit 6   three starts failed: systemd goes to safe mode

`core.facts.FactOutOfOrder` is not in the tree: it is a defect of ours, not something a person can mend.
"""

import unicodedata
from collections.abc import Iterable
from typing import Final

_MOST_COMPLAINTS: Final = 100
_LONGEST_COMPLAINT: Final = 400
_UNSEEN: Final = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})


class CompanionError(Exception):
    """Base of everything we raise on purpose. `exit_code` is what the command line returns.

    What would move a terminal's cursor, or that nobody could see, is written as an escape: it comes from a file.
    """

    exit_code = 1

    def __init__(self, message: str) -> None:
        super().__init__("\n".join(_visible(line) for line in message.split("\n")))


class UsageError(CompanionError):
    """A wrong argument or option."""

    exit_code = 2


class InputError(CompanionError):
    """A file is not as it must be. Carries every complaint at once, one per line; of very many, the first hundred."""

    exit_code = 3

    def __init__(self, source: object, complaints: Iterable[str]) -> None:
        self.source = str(source)
        self.complaints = tuple(_shortened(complaint) for complaint in complaints)
        told = [f"{self.source}: {complaint}" for complaint in self.complaints[:_MOST_COMPLAINTS]]
        if (more := len(self.complaints) - _MOST_COMPLAINTS) > 0:
            told.append(f"{self.source}: and {more} more; mend these first")
        super().__init__("\n".join(told))


class ConfigError(InputError):
    """The site file or a station profile has mistakes."""


class PackError(InputError):
    """The rule pack has mistakes."""


class CallFolderError(InputError):
    """A call folder cannot be replayed or scored."""


class ModelError(CompanionError):
    """A speech model is missing, truncated, not what it should be, or could not be fetched."""

    exit_code = 4


class HardwareError(CompanionError):
    """A library, chip, pin or sound card is missing or busy."""

    exit_code = 5


class GivenUp(CompanionError):
    """Three starts in a row failed; the next is refused."""

    exit_code = 6


def _visible(line: str) -> str:
    return "".join(
        char.encode("unicode_escape").decode() if unicodedata.category(char) in _UNSEEN else char for char in line
    )


def _shortened(complaint: str) -> str:
    if len(complaint) <= _LONGEST_COMPLAINT:
        return complaint
    half = _LONGEST_COMPLAINT // 2
    return f"{complaint[:half]} … {complaint[-half:]}"
