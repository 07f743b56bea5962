"""Which calls come with the package? Two, recorded by a synthesiser: for the demo, the bench and trying things."""

from pathlib import Path
from typing import Final

from pi_companion.errors import UsageError

_HERE: Final = Path(__file__).parent


def bundled_calls() -> list[Path]:
    """Return the folders of the bundled calls, by name."""
    return sorted(path.parent for path in _HERE.glob("*/call.toml"))


def bundled_call(name: str) -> Path:
    """Return the folder of a bundled call. Raises UsageError with the names there are."""
    for path in bundled_calls():
        if path.name == name:
            return path
    message = f"no bundled call and no folder {name}; bundled: {', '.join(path.name for path in bundled_calls())}"
    raise UsageError(message)
