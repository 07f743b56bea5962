"""What has the site's update server, and may it come now? Asked once an hour, by a few bytes, and never in vain twice.

    DIRECTORY/pi-companion-arm64.update.json     which version, of when, in which file: `make image` writes both
    DIRECTORY/pi-companion-0.2.0-arm64.raucb     the bundle; RAUC reads it bit by bit while it writes the other slot

TLS says whose server it is; whose update it is, only the bundle's signature says, to RAUC. The index is not signed. So
that nobody passes off an old bundle as a new one, what the index says is compared with what the signed bundle says of
itself before a byte is written (`before-install` of the image, by the file `EXPECTED`).

The companion decides when: it says yes to installing, and again to the restart, when the desk has been quiet for a
while. If none runs, there is no call to guard, and a new version may be what mends it.
"""

import http.client
import json
import random
import re
import secrets
import ssl
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

from pi_companion import reading
from pi_companion.core.notices import Offer
from pi_companion.errors import ConfigError, HardwareError
from pi_companion.site import talk, updating
from pi_companion.site.network import Update
from pi_companion.site.talk import Found
from pi_companion.site.updating import Meant, Rauc
from pi_companion.writing import replace_file

INDEX: Final = "pi-companion-arm64.update.json"
EXPECTED: Final = "expected"
TRIES: Final = "tries.json"
PATIENCE_S: Final = 20
LOOK_S: Final = 1.0
AWAY_S: Final = 120
"""So long must nobody have answered before it is believed that no companion runs."""

HOUR_S: Final = 3600
LONGEST_WAIT_S: Final = 24 * HOUR_S
_MOST_BYTES: Final = 4096
_VERSION: Final = re.compile(r"(\d+)\.(\d+)\.(\d+)(?:\+[\w.]{1,24})?", re.ASCII)
_TIME: Final = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", re.ASCII)
_BUNDLE: Final = re.compile(r"[\w+~-][\w.+~-]{0,80}\.raucb", re.ASCII)


@dataclass(frozen=True, slots=True, kw_only=True)
class Index:
    """What a server has. `time`: of when it is; `bundle`: its file's name."""

    version: str
    time: str
    bundle: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Running:
    """What runs here, and what has not proved itself here last (empty: nothing)."""

    version: str
    time: str
    given_back: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Desk:
    """The companion at this desk. `run`, `answers`: as in `talk`; `is_there`: whether one runs."""

    run: Path
    answers: Path
    is_there: Callable[[], bool]


def index_of(content: bytes, source: str) -> Index:
    """Return what an index says. Raises `ConfigError` if it is none."""
    try:
        said: Any = json.loads(content)
        found = Index(version=said["version"], time=said["time"], bundle=said["bundle"])
        patterns = ((_VERSION, found.version), (_TIME, found.time), (_BUNDLE, found.bundle))
        is_right = all(pattern.fullmatch(value) for pattern, value in patterns)
    except (ValueError, TypeError, KeyError, RecursionError):
        is_right = False
    if not is_right:
        raise ConfigError(source, ["is no index of updates; put there what `make image` wrote"])
    return found


def fetch(url: str, tls: ssl.SSLContext) -> Index:
    """Return what a directory's index says. Raises `HardwareError` if it cannot be had, `ConfigError` if it is none."""
    source = f"{url.rstrip('/')}/{INDEX}"
    parts = urlsplit(source)
    line = http.client.HTTPSConnection(parts.hostname or "", parts.port or 443, timeout=PATIENCE_S, context=tls)
    try:
        line.request("GET", parts.path, headers={"User-Agent": "pi-companion"})
        answer = line.getresponse()
        content = answer.read(_MOST_BYTES + 1)
        status = answer.status
    except (OSError, http.client.HTTPException) as error:
        raise HardwareError(f"{source}: cannot be fetched: {error}") from error
    finally:
        line.close()
    if status != http.HTTPStatus.OK:
        raise HardwareError(f"{source}: the server answers {status}; allowed: 200, no other address")
    return index_of(content[:_MOST_BYTES], source)


def why_not(index: Index, running: Running, *, may_go_back: bool) -> str:
    """Return why what a server has is not wanted; empty: it is."""
    if index.version == running.version:
        return f"{index.version} runs already"
    if index.version == running.given_back:
        return f"{index.version} did not prove itself here; another version is waited for, or a stick"
    if not may_go_back and _age(index.version, index.time) <= _age(running.version, running.time):
        return f"{index.version} of {index.time} is not newer than {running.version}; update.may_go_back is off"
    return ""


def _age(version: str, time: str) -> tuple[tuple[int, ...], str]:
    found = _VERSION.fullmatch(version)
    return (tuple(map(int, found.groups())) if found else (), time)


def is_hour(hour: int, update: Update) -> bool:
    """Return whether updates may be done in this hour of the day."""
    first, end = update.from_hour, update.until_hour
    return first == end or (first <= hour < end if first < end else hour >= first or hour < end)


def keep_current(
    update: Update,
    trust: tuple[ssl.SSLContext, Path | None],
    rauc: Rauc,
    *,
    running: Running,
    data: Path,
    desk: Desk,
    may_go_on: Callable[[], bool],
    wait: Callable[[float], None] = time.sleep,
    say: Callable[[str], None] = print,
) -> bool:
    """Ask the server, and have what is wanted installed when the desk is quiet; return whether to restart now.

    `trust`: what the server must prove, for us and, as a file, for RAUC. `may_go_on`: false once the hours are over.
    Raises `HardwareError` or `ConfigError`; nothing is changed then, but the slot that is not in use.
    """
    last = updating.meant(data)
    if last is not None and not last.is_started and last.before == running.version:
        version = last.after  # written already; it was no time to restart
    else:
        index = fetch(update.url, trust[0])
        if reason := why_not(index, running, may_go_back=update.may_go_back):
            say(reason)
            return False
        version = index.version
        say(f"{version} of {index.time} is there; waiting for a quiet desk")
        found = Found(id=secrets.token_hex(8), update=version, is_by_itself=True)
        if not _is_agreed(found, desk, may_go_on, wait):
            return False
        _install(index, f"{update.url.rstrip('/')}/{index.bundle}", trust[1], rauc, found=found, desk=desk)
        updating.mean(data, Meant(before=running.version, after=version))
    say(f"{version} is written; waiting for a quiet desk to restart")
    found = Found(id=secrets.token_hex(8), restart=version, is_by_itself=True)
    if not _is_agreed(found, desk, may_go_on, wait):
        return False
    talk.tell(desk.run, replace(found, offer=str(Offer.RESTART)))
    return True


def _is_agreed(found: Found, desk: Desk, may_go_on: Callable[[], bool], wait: Callable[[float], None]) -> bool:
    talk.tell(desk.run, found)
    away_s = 0.0
    while may_go_on():
        answer = talk.read_answer(desk.answers)
        if answer is not None and answer.id == found.id:
            return answer.is_accepted
        away_s = 0.0 if desk.is_there() else away_s + LOOK_S
        if away_s >= AWAY_S:
            return True
        wait(LOOK_S)
    return False


def _install(index: Index, address: str, ca: Path | None, rauc: Rauc, *, found: Found, desk: Desk) -> None:
    expected = desk.run / EXPECTED
    replace_file(expected, f"{index.version} {index.time}\n".encode(), 0o644)
    found = replace(found, offer=str(Offer.UPDATE))
    talk.tell(desk.run, found)
    try:
        for pct in rauc.install(address, ca):
            talk.tell(desk.run, replace(found, pct=pct))
    finally:
        expected.unlink(missing_ok=True)


@dataclass(frozen=True, slots=True, kw_only=True)
class Tries:
    """How often in a row it has failed, and the time since the machine's start before which it is not tried again."""

    failures: int = 0
    next_at_s: float = 0.0

    def after_failure(self, now_s: float, chance: float | None = None) -> "Tries":
        """Return what is so after one more: 1 to 3 hours, then twice as long each time, up to a day and a half."""
        chance = random.random() if chance is None else chance  # noqa: S311 - spreads units apart
        wait = min(2 * HOUR_S * (1 << min(self.failures, 10)), LONGEST_WAIT_S) * (0.5 + chance)
        return Tries(failures=self.failures + 1, next_at_s=now_s + wait)


def tries(run: Path) -> Tries:
    """Return what was kept; nothing has failed if it cannot be read."""
    try:
        said: Any = json.loads(reading.text(run / TRIES, _MOST_BYTES))
        return Tries(failures=max(0, int(said["failures"])), next_at_s=float(said["next_at_s"]))
    except (reading.Unreadable, ValueError, TypeError, KeyError):
        return Tries()


def keep_tries(run: Path, kept: Tries) -> None:
    """Keep it until the machine's next start. Raises OSError."""
    replace_file(run / TRIES, json.dumps({"failures": kept.failures, "next_at_s": kept.next_at_s}).encode(), 0o644)
