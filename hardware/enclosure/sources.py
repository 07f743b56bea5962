"""What are the pictures and the table of parts made from? A fingerprint of the sources tells when they are old."""

import hashlib
from pathlib import Path
from typing import Final

HERE: Final = Path(__file__).parent
PICTURES: Final = HERE / "drawings"
PARTS: Final = HERE / "parts.json"
STAMP: Final = "made-from"
SOURCES: Final = ("dimensions.py", "model.py", "checks.py", "pictures.py", "scenes.py", "requirements.txt")


def fingerprint() -> str:
    """Return the SHA-256 of everything that decides how a part, or a picture of it, looks."""
    digest = hashlib.sha256()
    for name in SOURCES:
        digest.update((HERE / name).read_bytes())
    return digest.hexdigest()
