"""What does the panel do while nothing happens? Quiet reminders in turn, dimming, and pixels that move on.

Rows of the manual that no sensor can see are shown here and nowhere else. An OLED wears where it is lit: what stands
for long is moved by a pixel now and then, and dimmed.
"""

from typing import Final

from pi_companion.core.effects import SetPanel
from pi_companion.core.settings import Pack

_DAY_MINUTES: Final = 24 * 60
_STEPS: Final = ((0, 0), (1, 0), (1, 1), (0, 1), (-1, 1), (-1, 0), (-1, -1), (0, -1), (1, -1))


class Idle:
    """Knows how long the desk has been quiet. `wall` sets the clock that brightness follows."""

    def __init__(self, pack: Pack) -> None:
        self._limits = pack.limits.idle
        self._reminders = pack.reminders
        self._next = 0
        self._quiet_since: int | None = None
        self._minute_at: tuple[int, int] | None = None
        self._shown: tuple[int, tuple[int, int]] | None = None

    def wall(self, at: int, minute_of_day: int) -> None:
        """The clock on the wall says so at this moment."""
        self._minute_at = (at, minute_of_day)

    def follow(self, at: int, *, is_quiet: bool) -> None:
        """Note whether the desk is quiet: on-hook, nothing ringing, nothing looked up."""
        if is_quiet and self._quiet_since is None:
            self._quiet_since = at
        elif not is_quiet and self._quiet_since is not None:
            self._disturb(at)

    def touch(self, at: int) -> None:
        """Somebody pressed a button: the panel is lit for them, and quiet begins anew."""
        if self._quiet_since is not None:
            self._disturb(at)

    def reminder(self, at: int) -> str:
        """Return the reminder whose turn it is, or nothing: each second place is left to the idle screen."""
        if self._quiet_since is None or not self._reminders:
            return ""
        place, is_odd = divmod((at - self._quiet_since) // self._limits.reminder_ms, 2)
        return self._reminders[(self._next + place) % len(self._reminders)][1] if is_odd else ""

    def show(self, at: int) -> tuple[SetPanel, ...]:
        """Return the request, if brightness or place change."""
        limits = self._limits
        pct = limits.day_pct if self._is_day(at) else limits.night_pct
        quiet_ms = 0 if self._quiet_since is None else at - self._quiet_since
        if self._quiet_since is not None and quiet_ms >= limits.dim_ms:
            pct = min(pct, limits.dim_pct)
        wanted = (pct, _STEPS[quiet_ms // limits.shift_ms % len(_STEPS)])
        if wanted == self._shown:
            return ()
        self._shown = wanted
        return (SetPanel(at=at, brightness_pct=wanted[0], shift=wanted[1]),)

    def forget_panel(self) -> None:
        """The panel was gone: what it was told is to be told again."""
        self._shown = None

    def deadline(self, at: int) -> int | None:
        """Return the next time after `at` at which something changes by itself."""
        dues = []
        if self._quiet_since is not None:
            quiet_ms = at - self._quiet_since
            steps = (self._limits.reminder_ms, self._limits.shift_ms)
            dues = [self._quiet_since + (quiet_ms // step + 1) * step for step in steps]
            if quiet_ms < self._limits.dim_ms:
                dues.append(self._quiet_since + self._limits.dim_ms)
        if self._minute_at is not None:
            set_at, minute = self._minute_at
            for edge in (self._limits.day_from_minute, self._limits.night_from_minute):
                ahead = (edge - minute) % _DAY_MINUTES or _DAY_MINUTES
                first = set_at + ahead * 60000
                days = max(0, (at - first) // (_DAY_MINUTES * 60000) + 1)
                dues.append(first + days * _DAY_MINUTES * 60000)
        return min(dues, default=None)

    def _disturb(self, at: int) -> None:
        """Quiet is over; the next one goes on with the reminder after the last that had begun."""
        since = at if self._quiet_since is None else self._quiet_since
        self._next += ((at - since) // self._limits.reminder_ms + 1) // 2
        self._quiet_since = None

    def _is_day(self, at: int) -> bool:
        if self._minute_at is None:
            return True  # nobody told the time: as by day, so that it can be read
        set_at, minute = self._minute_at
        now = (minute + (at - set_at) // 60000) % _DAY_MINUTES
        begins, ends = self._limits.day_from_minute, self._limits.night_from_minute
        return begins <= now < ends if begins < ends else not ends <= now < begins
