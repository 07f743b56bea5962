"""What is on a USB stick, and what is done with it? The half with rights reads and writes it, and decides nothing.

It runs only while a stick is in, apart from the companion, which has neither mounts nor this program's rights. They
talk by two small files, each written by one and read by the other:

    FOUND    what the stick has: an update's version, calibrations by harness code; then how far the work is
    ANSWER   the companion's: what a button said yes to, and a calibration that is to be saved
"""

import json
import os
import secrets
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any, Final

from pi_companion import reading
from pi_companion.core.harness import CODES
from pi_companion.core.notices import Offer
from pi_companion.errors import CompanionError, ConfigError, HardwareError, InputError
from pi_companion.site.stations import learned_in
from pi_companion.site.updating import Rauc
from pi_companion.station_file import edited
from pi_companion.writing import replace_file

RUN: Final = Path("/run/pi-companion-stick")
FOUND: Final = "found.json"
ANSWER: Final = "answer.json"
FOLDER: Final = "companion"
"""On the stick; without it, and without a bundle, a stick is nobody's business here."""

LOOK_S: Final = 0.2
_MOST_BYTES: Final = 64 << 10


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """What the companion is told. `update`: a bundle's version; `is_refused`: there is one, and it is not for here.

    `id`: of this stick, this time; whoever answers says it again.
    `stations`: calibrations by harness code. `can_save`: the stick has a folder for them. `offer`: what is being done,
    empty: nothing; then `pct` of it, and `is_done` once it has ended.
    """

    id: str = ""
    update: str = ""
    is_refused: bool = False
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


def serve(
    media: Path,
    rauc: Rauc,
    run: Path = RUN,
    answers: Path = Path("/run/pi-companion") / ANSWER,
    *,
    make_writable: Callable[[], None] = lambda: None,
    mean: Callable[[str], None] = lambda _version: None,
    wait: Callable[[float], None] = time.sleep,
) -> Offer | None:
    """Tell what is on a stick, wait for an answer and do it; return what was done, None if nothing was.

    `mean` is told an update's version once it is written: the next start proves it or goes back.
    Ends when it is answered, or when systemd ends it because the stick is out.
    """
    bundle = _bundle(media)
    found = _look(media, bundle, rauc)
    if found == Found():
        return None
    found = replace(found, id=secrets.token_hex(8))
    _tell(run, found)
    if found.is_refused:
        return None
    while (answer := read_answer(answers)) is None or answer.id != found.id:
        wait(LOOK_S)
    if not answer.is_accepted:
        _tell(run, Found())
        return None
    offer = Offer(answer.offer)
    found = replace(found, offer=answer.offer)
    _tell(run, found)
    try:
        if offer is Offer.SAVE:
            make_writable()
        for pct in _do(answer, media, bundle, rauc):
            _tell(run, replace(found, pct=pct))
        if offer is Offer.UPDATE:
            mean(found.update)
    except (CompanionError, OSError) as error:
        _tell(run, replace(found, is_done=False))
        raise HardwareError(f"stick: {offer}: {error}") from error
    _tell(run, replace(found, pct=100, is_done=True))
    return offer


def read_found(run: Path = RUN) -> Found | None:
    """Return what a stick has, as its half said it; None: there is none, or it is not said whole."""
    try:
        said: Any = json.loads(reading.text(run / FOUND, _MOST_BYTES))
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
        said: Any = json.loads(reading.text(path, _MOST_BYTES))
        learned = {str(name): int(value) for name, value in said["learned"].items()}
        offer, code = Offer(said["offer"]), int(said["code"])
        return Answer(
            id=str(said["id"]), offer=str(offer), is_accepted=said["is_accepted"] is True, code=code, learned=learned
        )
    except (reading.Unreadable, ValueError, TypeError, KeyError, AttributeError):
        return None


def _look(media: Path, bundle: Path | None, rauc: Rauc) -> Found:
    update, is_refused = "", False
    if bundle is not None:
        try:
            update = rauc.version_of(bundle)
        except HardwareError:
            is_refused = True
    stations: dict[str, Mapping[str, int]] = {}
    for path in sorted((media / FOLDER / "stations").glob("*.toml")):
        if path.stem.isdecimal() and int(path.stem) in CODES:
            try:
                stations[path.stem] = learned_in(reading.text(path, _MOST_BYTES))
            except (reading.Unreadable, InputError):
                continue  # another device's, or damaged: as if it were not there
    return Found(update=update, is_refused=is_refused, stations=stations, can_save=(media / FOLDER).is_dir())


def _bundle(media: Path) -> Path | None:
    """Return the newest bundle by its name, in the stick's folder or beside it."""
    places = [path for place in (media, media / FOLDER) for path in place.glob("*.raucb") if path.is_file()]
    return max(places, key=lambda path: path.name, default=None)


def _do(answer: Answer, media: Path, bundle: Path | None, rauc: Rauc) -> Iterator[int]:
    match Offer(answer.offer):
        case Offer.UPDATE:
            if bundle is None:
                raise HardwareError("there is no bundle")
            yield from rauc.install(bundle)
        case Offer.SAVE:
            if answer.code not in CODES:
                raise ConfigError("answer", [f"{answer.code} is no station's code"])
            place = media / FOLDER / "stations" / f"{answer.code}.toml"
            place.parent.mkdir(exist_ok=True)
            replace_file(place, edited(place, "", answer.learned).encode(), 0o644)
            os.sync()
        case Offer.LOAD:
            pass  # the companion has it already: it was told with the offer


def _tell(run: Path, found: Found) -> None:
    replace_file(run / FOUND, json.dumps(asdict(found)).encode(), 0o644)


def remount(media: Path) -> None:
    """Have a stick writable, for this program alone. What cannot be is told by what then cannot be written."""
    subprocess.run(["mount", "-o", "remount,rw", str(media)], check=False)  # noqa: S603, S607 (the system's own)
