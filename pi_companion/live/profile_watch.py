"""Has something come for this station by the site's broker? Looks now and then, takes what is newer than its own.

The file is the telemetry program's, which has a network and is trusted with nothing: what it says is checked here anew.
"""

import logging
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from pi_companion.core.attended import CalibrationCame, Seat
from pi_companion.core.facts import Fact
from pi_companion.errors import ConfigError
from pi_companion.site import handing
from pi_companion.site.stations import Record

STEP_MS: Final = 2000

_LOG: Final = logging.getLogger("pi_companion")


class ProfileWatch:
    """`record`: this station's, None where there is none; `run`: where the telemetry program leaves what came."""

    def __init__(self, seat: Seat, record: Record | None, run: Path = handing.RUN) -> None:
        self._seat, self._record, self._run = seat, record, run
        self._next_at = 0
        self._seen: handing.Profile | None = None

    def look(self, at: int) -> Iterator[Fact]:
        """Yield that another calibration is in effect from the next start on; call it once a turn."""
        if at < self._next_at or self._record is None:
            return
        self._next_at = at + STEP_MS
        found = handing.handed_over(self._run)
        if found == self._seen:
            return
        self._seen = found
        if found is None or found.code != self._seat.code:
            return
        own = self._record.known()
        if found.known.revision <= own.revision:
            return
        try:
            self._record.take(found.known)
        except ConfigError as error:
            _LOG.warning("%s", error)
            return
        if found.known.learned != own.learned:
            yield CalibrationCame(at=at)
