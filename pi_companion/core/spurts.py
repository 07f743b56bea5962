"""When does one side talk? Voiced flags of 20 ms frames become talk spurts: onset by run, end by hangover."""

from dataclasses import dataclass

from pi_companion.core.framer import FRAME_MS


@dataclass(frozen=True, slots=True, kw_only=True)
class SpurtLimits:
    """`onset_ms`: voiced without a break before it is speech. `hangover_ms`: silence that ends it.

    `longest_ms`: a spurt is cut here, so that the recogniser's memory stays bounded.
    """

    onset_ms: int = 80
    hangover_ms: int = 400
    longest_ms: int = 30000


@dataclass(frozen=True, slots=True, kw_only=True)
class Began:
    """Speech: its first voiced frame started at `began`."""

    began: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Ended:
    """Silence again: voiced from `began` to `ended`."""

    began: int
    ended: int


class SpurtDetector:
    """Feed it every frame's flag in order; time is the end of the frame, integer milliseconds."""

    def __init__(self, limits: SpurtLimits) -> None:
        self._limits = limits
        self._began: int | None = None
        self._voiced_from: int | None = None
        self._voiced_to = 0

    @property
    def is_talking(self) -> bool:
        """Whether a spurt is open."""
        return self._began is not None

    def flag(self, at: int, is_voiced: bool) -> Began | Ended | None:
        """Take the flag of the frame that ended at `at`; say when a spurt begins or ends."""
        if is_voiced:
            self._voiced_to = at
            if self._voiced_from is None:
                self._voiced_from = at - FRAME_MS
        if self._began is None:
            if not is_voiced:
                self._voiced_from = None
            elif self._voiced_from is not None and at - self._voiced_from >= self._limits.onset_ms:
                self._began = self._voiced_from
                return Began(began=self._began)
            return None
        is_silent = at - self._voiced_to >= self._limits.hangover_ms
        return self.stop() if is_silent or at - self._began >= self._limits.longest_ms else None

    def stop(self) -> Ended | None:
        """End an open spurt now (input lost, session over)."""
        began, self._began, self._voiced_from = self._began, None, None
        return None if began is None else Ended(began=began, ended=self._voiced_to)
