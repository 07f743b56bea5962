"""How do the companion and a program with rights come to terms? By two small files, each written by one of them.

    FOUND    what there is: an update's version, calibrations by harness code; then how far the work is
    ANSWER   the companion's: what was said yes to, and a calibration that is to be saved

A stick's program asks somebody at the desk; the network's asks the desk alone, which says yes when it is quiet.
"""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Final

from pi_companion import reading
from pi_companion.core.notices import Offer
from pi_companion.writing import replace_file

FOUND: Final = "found.json"
MOST_BYTES: Final = 64 << 10


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """What the companion is told. `update`: a bundle's version; `is_refused`: there is one, and it is not for here.

    `restart`: the version of an update that is written and waits for a restart. `is_by_itself`: nobody is asked, a
    quiet desk is enough. `id`: of this stick, or this try; whoever answers says it again.
    `stations`: calibrations by harness code. `can_save`: the stick has a folder for them. `offer`: what is being done,
    empty: nothing; then `pct` of it, and `is_done` once it has ended.
    """

    id: str = ""
    update: str = ""
    restart: str = ""
    is_refused: bool = False
    is_by_itself: bool = False
    stations: Mapping[str, Mapping[str, int]] = field(default_factory=dict)
    can_save: bool = False
    offer: str = ""
    pct: int = 0
    is_done: bool | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What the companion says. `learned`, at the harness `code`: what is to be saved."""

    id: str
    offer: str
    is_accepted: bool
    code: int = 0
    learned: Mapping[str, int] = field(default_factory=dict)


def tell(run: Path, found: Found) -> None:
    """Tell the companion. Raises OSError."""
    replace_file(run / FOUND, json.dumps(asdict(found)).encode(), 0o644)


def read_found(run: Path) -> Found | None:
    """Return what there is, as its program said it; None: nothing, or it is not said whole."""
    try:
        said: Any = json.loads(reading.text(run / FOUND, MOST_BYTES))
        stations = {
            str(code): {str(name): int(value) for name, value in learned.items()}
            for code, learned in said["stations"].items()
        }
        return Found(**{**said, "stations": stations, "pct": int(said["pct"])})
    except (reading.Unreadable, ValueError, TypeError, KeyError, AttributeError):
        return None


def write_answer(answer: Answer, path: Path) -> None:
    """Say what a button said. Raises OSError."""
    replace_file(path, json.dumps(asdict(answer)).encode(), 0o644)


def read_answer(path: Path) -> Answer | None:
    """Return what was said; None: nothing yet, or nothing that can be taken."""
    try:
        said: Any = json.loads(reading.text(path, MOST_BYTES))
        learned = {str(name): int(value) for name, value in said["learned"].items()}
        offer, code = Offer(said["offer"]), int(said["code"])
        return Answer(
            id=str(said["id"]), offer=str(offer), is_accepted=said["is_accepted"] is True, code=code, learned=learned
        )
    except (reading.Unreadable, ValueError, TypeError, KeyError, AttributeError):
        return None
