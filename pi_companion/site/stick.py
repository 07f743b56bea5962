"""What is on a USB stick, and what is done with it? The half with rights reads and writes it, and decides nothing.

It runs only while a stick is in, apart from the companion, which has neither mounts nor this program's rights;
`talk.py` is how they come to terms.
"""

import os
import secrets
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Final

from pi_companion import reading
from pi_companion.core.harness import CODES
from pi_companion.core.notices import Offer
from pi_companion.errors import CompanionError, ConfigError, HardwareError, InputError
from pi_companion.site.stations import learned_in
from pi_companion.site.talk import MOST_BYTES, Answer, Found, read_answer, tell
from pi_companion.site.updating import Rauc
from pi_companion.station_file import edited
from pi_companion.writing import replace_file

RUN: Final = Path("/run/pi-companion-stick")
ANSWER: Final = "answer.json"
FOLDER: Final = "companion"
"""On the stick; without it, and without a bundle, a stick is nobody's business here."""

LOOK_S: Final = 0.2


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
    tell(run, found)
    if found.is_refused:
        return None
    while (answer := read_answer(answers)) is None or answer.id != found.id:
        wait(LOOK_S)
    if not answer.is_accepted:
        tell(run, Found())
        return None
    offer = Offer(answer.offer)
    found = replace(found, offer=answer.offer)
    tell(run, found)
    try:
        if offer is Offer.SAVE:
            make_writable()
        for pct in _do(answer, media, bundle, rauc):
            tell(run, replace(found, pct=pct))
        if offer is Offer.UPDATE:
            mean(found.update)
    except (CompanionError, OSError) as error:
        tell(run, replace(found, is_done=False))
        raise HardwareError(f"stick: {offer}: {error}") from error
    tell(run, replace(found, pct=100, is_done=True))
    return offer


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
                stations[path.stem] = learned_in(reading.text(path, MOST_BYTES))
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


def remount(media: Path) -> None:
    """Have a stick writable, for this program alone. What cannot be is told by what then cannot be written."""
    subprocess.run(["mount", "-o", "remount,rw", str(media)], check=False)  # noqa: S603, S607 (the system's own)
