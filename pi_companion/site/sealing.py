"""How does a station's record stay its own? Each is sealed with a key that never leaves the data partition.

What this is for: a unit that has served ten desks holds nothing of nine of them that a search, a stray copy of a file
or a misplaced backup could show. What it is not for: the key lies on the same card, so whoever has the whole card and
takes the trouble can open the records (SECURITY.md).

`cryptography` is imported where it is used: it is seven megabytes of the running device, and a desk without stations
seals nothing.
"""

from pathlib import Path

from pi_companion import reading
from pi_companion.errors import ConfigError
from pi_companion.writing import replace_file

_MOST_BYTES = 64 << 10


def key_at(path: Path, mode: int = 0o600) -> bytes:
    """Return the key kept at a path, made if there is none. Raises `ConfigError` if it cannot be had."""
    try:
        if not path.exists():
            from cryptography.fernet import Fernet  # noqa: PLC0415 - see the module

            path.parent.mkdir(parents=True, exist_ok=True)
            replace_file(path, Fernet.generate_key(), mode)
        return reading.contents(path, 100)
    except OSError as error:
        raise ConfigError(path, [f"no key to seal records with: {error.strerror}"]) from error
    except reading.Unreadable as why:
        raise ConfigError(path, [str(why)]) from None


def seal(path: Path, text: str, key: bytes, mode: int = 0o600) -> None:
    """Write a record, whole or not at all. Raises OSError; ValueError if the key is none."""
    from cryptography.fernet import Fernet  # noqa: PLC0415 - see the module

    replace_file(path, Fernet(key).encrypt(text.encode()), mode)


def unseal(path: Path, key: bytes) -> str:
    """Return what a record says. Raises `ConfigError` if it cannot be read or is another unit's."""
    from cryptography.fernet import Fernet, InvalidToken  # noqa: PLC0415 - see the module

    try:
        return Fernet(key).decrypt(reading.contents(path, _MOST_BYTES)).decode()
    except reading.Unreadable as why:
        raise ConfigError(path, [str(why)]) from None
    except (InvalidToken, ValueError):
        raise ConfigError(path, ["was not sealed here, or is damaged; it is not used"]) from None
