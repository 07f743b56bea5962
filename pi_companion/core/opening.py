"""Was the call opened properly? Greeting, unit, and the apology for a late answer (OPEN-1, OPEN-2, RING-2)."""

from enum import StrEnum

from pi_companion.core.limits import Opening


class Finding(StrEnum):
    """What is found out: the greeting is missing; the first utterance is over."""

    NO_GREETING = "no_greeting"
    OVER = "over"


class OpeningCheck:
    """Watches the agent's first utterance of one inbound call."""

    def __init__(self, limits: Opening, answered_at: int, *, is_late: bool) -> None:
        self._limits = limits
        self._due: int | None = answered_at + limits.greeting_due_ms
        self._is_talking = False
        self._has_spoken = False
        self._over_at: int | None = None
        self.is_late = is_late
        self.is_over = False
        self.is_greeted = False
        self.is_fault = False
        self.is_apologised = False
        self._is_reported = False

    @property
    def is_praised(self) -> bool:
        """Whether an apology was owed and given."""
        return self.is_late and self.is_apologised

    def talks(self) -> None:
        """The agent's first or next spurt of the opening begins."""
        self._is_talking, self._over_at = True, None

    def pauses(self, at: int, ended: int, *, is_speech: bool) -> None:
        """A spurt of the opening ended at `ended`, known at `at`; without speech it was a cough and counts not."""
        self._is_talking = False
        if is_speech or self._has_spoken:
            self._has_spoken = True
            self._over_at = max(at, ended + self._limits.utterance_gap_ms)

    def deadline(self) -> int | None:
        """Return when the greeting is due or the first utterance is over."""
        if self.is_over:
            return None
        return self._over_at if self._over_at is not None or self._is_talking else self._due

    def pass_deadline(self, at: int) -> tuple[Finding, ...]:
        """Say what has become certain; each finding once."""
        due = self.deadline()
        if due is None or at < due:
            return ()
        findings: list[Finding] = []
        if self._over_at is not None:
            self.is_over = True
            findings.append(Finding.OVER)
        self._due = None
        if not self.is_greeted and not self._is_reported:
            self._is_reported = True
            findings.append(Finding.NO_GREETING)
        return tuple(findings)
