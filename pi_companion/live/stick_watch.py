"""What has a stick for this station? Looks a few times a second for what the half with rights says, and answers it."""

import logging
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Final

from pi_companion.core.attended import OfferAnswered, OfferMade, OfferWithdrawn, Seat, WorkEnded, WorkProgressed
from pi_companion.core.effects import Effect
from pi_companion.core.facts import Fact
from pi_companion.core.notices import Offer
from pi_companion.errors import ConfigError
from pi_companion.site import stick
from pi_companion.site.stick import Answer, Found
from pi_companion.station_file import Keep

STEP_MS: Final = 200

_LOG: Final = logging.getLogger("pi_companion")


class StickWatch:
    """`learned` returns what was learned at this station; `keep` takes more. `version`: the one that runs.

    Both folders are those of the two files of `site.stick`.
    """

    def __init__(
        self,
        seat: Seat,
        learned: Callable[[], Mapping[str, int]],
        keep: Keep,
        version: str,
        *,
        run: Path = stick.RUN,
        answers: Path,
    ) -> None:
        self._seat, self._learned, self._keep, self._version = seat, learned, keep, version
        self._run, self._answers = run, answers
        self._found = Found()
        self._offer: Offer | None = None
        self._next_at = 0

    def look(self, at: int) -> Iterator[Fact]:
        """Yield what has changed since it was looked at last; call it once a turn."""
        if at < self._next_at:
            return
        self._next_at = at + STEP_MS
        found = stick.read_found(self._run) or Found()
        if found == self._found:
            return
        before, self._found = self._found, found
        if found == Found():
            self._offer = None
            yield OfferWithdrawn(at=at)
        elif found.is_refused:
            yield OfferMade(at=at, offer=Offer.UPDATE, what="")
            yield WorkEnded(at=at, is_done=False)
        elif not found.offer:
            self._offer = self._choose(found)
            if self._offer is not None:
                what = found.update if self._offer is Offer.UPDATE else self._seat.number
                yield OfferMade(at=at, offer=self._offer, what=what)
        elif found.is_done is not None:
            yield WorkEnded(at=at, is_done=found.is_done and self._take(found))
        elif found.pct != before.pct:
            yield WorkProgressed(at=at, pct=found.pct)

    def perform(self, effect: Effect) -> None:
        """Pass on what a button has said."""
        if isinstance(effect, OfferAnswered):
            code = self._seat.code or 0
            learned = self._learned() if effect.offer == Offer.SAVE else {}
            answer = Answer(
                id=self._found.id, offer=effect.offer, is_accepted=effect.is_accepted, code=code, learned=learned
            )
            with suppress(OSError):  # then nothing is done, and the stick can be put in again
                stick.write_answer(answer, self._answers)

    def _choose(self, found: Found) -> Offer | None:
        """Return the one thing that is asked about: an update first, then this station's calibration."""
        if found.update and found.update != self._version:
            return Offer.UPDATE
        if not self._seat.number:
            return None
        theirs = found.stations.get(str(self._seat.code), {})
        ours = self._learned()
        if theirs and theirs != ours:
            return Offer.LOAD
        return Offer.SAVE if found.can_save and ours and not theirs else None

    def _take(self, found: Found) -> bool:
        """Keep a calibration that was said yes to; it is in effect from the next start on."""
        if found.offer != Offer.LOAD:
            return True
        try:
            self._keep(found.stations.get(str(self._seat.code), {}))
        except ConfigError as error:
            _LOG.warning("%s", error)
            return False
        return True
