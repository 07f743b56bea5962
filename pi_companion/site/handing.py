"""How does a station's calibration get from the program with a network to the companion? As a file, checked by both.

Five numbers at most and the harness's code; no name and no word.
"""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Final

from pi_companion import reading
from pi_companion.core.harness import CODES
from pi_companion.errors import ConfigError
from pi_companion.site.stations import MOST_REVISIONS, Known, checked
from pi_companion.writing import replace_file

RUN: Final = Path("/run/pi-companion-fleet")
HANDED_OVER: Final = "profile.json"
MOST_BYTES: Final = 4096


@dataclass(frozen=True, slots=True, kw_only=True)
class Profile:
    """What is known of the station with a harness's code."""

    code: int
    known: Known


def profile_of(said: object) -> Profile | None:
    """Return the profile that JSON says; None: it is none, or out of any range."""
    if not isinstance(said, Mapping):
        return None
    code, revision = said.get("code"), said.get("revision")
    if type(code) is not int or code not in CODES:
        return None
    if type(revision) is not int or not 0 <= revision <= MOST_REVISIONS:
        return None
    try:
        return Profile(code=code, known=Known(revision=revision, learned=checked(said.get("learned"))))
    except ConfigError:
        return None


def document_of(profile: Profile) -> dict[str, Any]:
    """Return a profile as JSON says it."""
    return {"code": profile.code, **asdict(profile.known)}


def hand_over(profile: Profile | None, run: Path = RUN) -> None:
    """Let the companion have a profile; None: it has it, nothing stays there. Raises OSError."""
    if profile is None:
        (run / HANDED_OVER).unlink(missing_ok=True)
        return
    replace_file(run / HANDED_OVER, json.dumps(document_of(profile)).encode(), 0o644)


def handed_over(run: Path = RUN) -> Profile | None:
    """Return what came for a station; None: nothing, or nothing that can be taken."""
    try:
        return profile_of(json.loads(reading.text(run / HANDED_OVER, MOST_BYTES)))
    except (reading.Unreadable, ValueError, RecursionError):
        return None
