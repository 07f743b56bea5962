"""How often did it fail to start, and why? The rungs of the restart ladder, in one small file under /run.

A start that ends before `ready` has failed, however it ended; three in a row are given up (safe mode), and the next
begins anew. The file holds a count and a reason, never a text (law 9), and is gone with a reboot. Without
$RUNTIME_DIRECTORY, which systemd sets, nothing is counted: who starts by hand sees what is wrong.
"""

import json
import os
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any, Final

from pi_companion import reading
from pi_companion.core import notices, out_of_service
from pi_companion.core.out_of_service import Reason
from pi_companion.core.states import Screen
from pi_companion.errors import ConfigError, GivenUp, HardwareError, InputError, ModelError

MOST: Final = 3
"""Failed starts in a row, then safe mode."""

WAIT_S: Final = (0, 2, 8)
"""Before the first, second and third try."""

RETRY_MIN: Final = 6
"""As in systemd/pi-companion-retry.timer."""

_NAME: Final = "starts.json"
_MOST_BYTES: Final = 1 << 12
_OF_RESULT: Final = {
    "oom-kill": Reason.MEMORY,
    "timeout": Reason.HANG,
    "watchdog": Reason.HANG,
    "signal": Reason.DEFECT,
    "core-dump": Reason.DEFECT,
}
"""Reasons by systemd's $SERVICE_RESULT, where the program could not say any itself."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Starts:
    """What is known: failed starts in a row, why the last one failed, and whether one is under way.

    `is_leaving`: it ended to begin anew as another station.
    """

    failed: int = 0
    reason: Reason = Reason.DEFECT
    is_under_way: bool = False
    is_leaving: bool = False


def begin(environ: Mapping[str, str] = os.environ) -> int:
    """Begin a start and return which it is, from 1 on.

    Raises `GivenUp` if three in a row have failed; the start after that is the first again.
    """
    before = _read(environ)
    if before.failed >= MOST:
        _write(environ, replace(before, failed=0))
        raise GivenUp(f"{before.failed} starts have failed ({before.reason}): safe mode, next try in {RETRY_MIN} min")
    _write(environ, replace(before, is_under_way=True, reason=Reason.DEFECT))
    return before.failed + 1


def record_failure(error: BaseException, environ: Mapping[str, str] = os.environ) -> None:
    """Keep why this start fails, for `after_exit` to find."""
    before = _read(environ)
    if before.is_under_way:
        _write(environ, replace(before, reason=_reason_of(error)))


def ready(environ: Mapping[str, str] = os.environ) -> None:
    """Take this start for a success: forget the ones before."""
    _write(environ, Starts())


def leave(environ: Mapping[str, str] = os.environ) -> None:
    """Say that the device ends to begin anew as another station."""
    _write(environ, Starts(is_leaving=True))


def after_exit(environ: Mapping[str, str] = os.environ) -> Screen:
    """Take note of how the program ended, as systemd tells it after it (ExecStopPost), and return what to show."""
    before, result = _read(environ), environ.get("SERVICE_RESULT", "success")
    is_given_up = environ.get("EXIT_STATUS") == str(GivenUp.exit_code)
    is_failed_start = before.is_under_way and result != "success"
    after = Starts(failed=before.failed + is_failed_start, reason=_OF_RESULT.get(result, before.reason))
    _write(environ, after)
    if is_given_up or after.failed >= MOST:
        return safe_mode(environ)
    if before.is_leaving:
        return notices.changing_station()
    return out_of_service.stopped() if result == "success" else out_of_service.restarting()


def safe_mode(environ: Mapping[str, str] = os.environ) -> Screen:
    """Return what to show until the next try."""
    return out_of_service.cannot_start(_read(environ).reason, RETRY_MIN)


def _reason_of(error: BaseException) -> Reason:
    match error:
        case ConfigError():
            return Reason.SETTINGS
        case InputError():
            return Reason.PACK
        case ModelError():
            return Reason.MODEL
        case HardwareError():
            return Reason.PINS
        case MemoryError():
            return Reason.MEMORY
        case _:
            return Reason.DEFECT


def _path(environ: Mapping[str, str]) -> Path | None:
    given = environ.get("RUNTIME_DIRECTORY", "").partition(":")[0]  # systemd gives several, colons between them
    return Path(given) / _NAME if given else None


def _read(environ: Mapping[str, str]) -> Starts:
    """Return what the file says; nothing is known if there is none, or it is not whole."""
    path = _path(environ)
    if path is None:
        return Starts()
    try:
        found: Any = json.loads(reading.text(path, _MOST_BYTES))
        failed = min(max(0, int(found["failed"])), MOST)
        reason, is_leaving = Reason(found["reason"]), bool(found.get("is_leaving"))
        return Starts(failed=failed, reason=reason, is_under_way=bool(found["is_under_way"]), is_leaving=is_leaving)
    except (reading.Unreadable, ValueError, TypeError, KeyError, OverflowError, RecursionError):
        return Starts()


def _write(environ: Mapping[str, str], starts: Starts) -> None:
    """Replace the file at once. A full or read-only /run costs the count, never the start."""
    path = _path(environ)
    if path is None:
        return
    with suppress(OSError):
        partial = path.with_name(f".{_NAME}.{os.getpid()}")
        partial.write_text(json.dumps(asdict(starts)), encoding="utf-8")
        partial.replace(path)
