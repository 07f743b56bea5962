"""What has a stick, or the network, for this station? Looks for what the programs with rights say, and answers them.

One at a time: what is being done is done first, then a stick, at which somebody stands, then the network.
"""

import logging
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from pi_companion.core.attended import OfferAnswered, OfferMade, OfferWithdrawn, Seat, WorkEnded, WorkProgressed
from pi_companion.core.effects import Effect
from pi_companion.core.facts import Fact
from pi_companion.core.notices import Offer
from pi_companion.errors import ConfigError
from pi_companion.site import talk
from pi_companion.site.talk import Answer, Found
from pi_companion.station_file import Keep

STEP_MS: Final = 200

_LOG: Final = logging.getLogger("pi_companion")


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """A program that may have something. `run`: the folder where it says what; `answers`: the file with our answer."""

    run: Path
    answers: Path


class OfferWatch:
    """`learned` returns what was learned at this station; `keep` takes more. `version`: the one that runs.

    `sources`: the first comes first.
    """

    def __init__(
        self,
        seat: Seat,
        learned: Callable[[], Mapping[str, int]],
        keep: Keep,
        version: str,
        *,
        sources: Sequence[Source],
    ) -> None:
        self._seat, self._learned, self._keep, self._version = seat, learned, keep, version
        self._sources = sources
        self._source, self._found = sources[0], Found()
        self._offer: Offer | None = None
        self._next_at = 0

    def look(self, at: int) -> Iterator[Fact]:
        """Yield what has changed since it was looked at last; call it once a turn."""
        if at < self._next_at:
            return
        self._next_at = at + STEP_MS
        source, found = self._busiest()
        if found == self._found:
            return
        before, self._found, self._source = self._found, found, source
        if found == Found():
            self._offer = None
            yield OfferWithdrawn(at=at)
        elif found.is_refused:
            yield OfferMade(at=at, offer=Offer.UPDATE, what="")
            yield WorkEnded(at=at, is_done=False)
        elif not found.offer:
            self._offer = self._choose(found)
            if self._offer is not None:
                what = found.restart or (found.update if self._offer is Offer.UPDATE else self._seat.number)
                yield OfferMade(at=at, offer=self._offer, what=what, is_by_itself=found.is_by_itself)
            elif before != Found():
                yield OfferWithdrawn(at=at)
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
                talk.write_answer(answer, self._source.answers)

    def _busiest(self) -> tuple[Source, Found]:
        said = [(source, talk.read_found(source.run) or Found()) for source in self._sources]
        busy = [each for each in said if each[1].offer and each[1].is_done is None]
        return next(iter([*busy, *(each for each in said if each[1] != Found()), *said]))

    def _choose(self, found: Found) -> Offer | None:
        """Return the one thing that is asked about: an update first, then this station's calibration."""
        if found.restart:
            return Offer.RESTART
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
