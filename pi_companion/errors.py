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

from collections.abc import Iterable


class CompanionError(Exception):
    """Base of everything we raise on purpose. `exit_code` is what the command line returns."""

    exit_code = 1


class UsageError(CompanionError):
    """A wrong argument or option."""

    exit_code = 2


class InputError(CompanionError):
    """A file is not as it must be. Carries every complaint at once, one per line."""

    exit_code = 3

    def __init__(self, source: object, complaints: Iterable[str]) -> None:
        self.source = str(source)
        self.complaints = tuple(complaints)
        super().__init__("\n".join(f"{self.source}: {complaint}" for complaint in self.complaints))


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
