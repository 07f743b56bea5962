"""Is the customer angry? Words of complaint together with a raised voice, or with more such words (EMO-1).

One sign alone says nothing: people speak up in a noisy room, and 投诉 may be what somebody else did. A device must not
call a customer angry for that.
"""

from collections.abc import Iterable, Iterator
from statistics import median_low
from typing import Final

from pi_companion.core import screens
from pi_companion.core.cues import Weight
from pi_companion.core.facts import Part, PartLost, Side, TalkSpurtEnded
from pi_companion.core.observing import Advice, CallBegan, CallEnded, Happening, Moment, Spotted
from pi_companion.core.settings import Family, Pack

_LEAST_SPURT_MS: Final = 500  # an 啊 has no level of its own


class Temper:
    """Listens to the customer; `settings.limits.emotion`."""

    def __init__(self, pack: Pack) -> None:
        self._limits, self._texts = pack.limits.emotion, pack.texts
        self._begin()

    def _begin(self) -> None:
        self._levels_dbfs: list[int] = []
        self._forget_signs()

    def _forget_signs(self) -> None:
        self._complained_at: list[int] = []
        self._raised_at: int | None = None

    def take(self, happening: Happening, moment: Moment) -> Iterable[Advice]:
        """Take how loudly the customer speaks, and words of complaint."""
        match happening:
            case CallBegan() | CallEnded():
                self._begin()
            case PartLost(part=Part.TAP | Part.SIDES):  # what is plugged in again may be louder
                self._begin()
            case TalkSpurtEnded(side=Side.CUSTOMER) if moment.call is not None:
                if happening.ended - happening.began >= _LEAST_SPURT_MS:
                    yield from self._speak(happening)
            case Spotted() if happening.match.rule.family is Family.COMPLAINT and moment.call is not None:
                self._complained_at.append(happening.at)
                yield from self._weigh(happening.at)
            case _:
                pass

    def deadline(self) -> int | None:
        """Return None: time alone angers nobody that this could know."""
        return None

    def pass_deadline(self, _at: int, _moment: Moment) -> Iterable[Advice]:
        """Nothing follows from time alone."""
        return ()

    def _speak(self, spurt: TalkSpurtEnded) -> Iterator[Advice]:
        is_known = len(self._levels_dbfs) >= self._limits.baseline_spurts
        if is_known and spurt.level_dbfs > median_low(self._levels_dbfs) + self._limits.raised_db:
            self._raised_at = spurt.at
            yield from self._weigh(spurt.at)
        self._levels_dbfs.append(spurt.level_dbfs)

    def _weigh(self, at: int) -> Iterator[Advice]:
        """Nudge once two signs came together, then wait for new ones."""
        since = at - self._limits.together_ms
        self._complained_at = [complained_at for complained_at in self._complained_at if complained_at >= since]
        is_raised = self._raised_at is not None and self._raised_at >= since
        if not self._complained_at or len(self._complained_at) + is_raised < 2:
            return
        self._forget_signs()
        title, say = self._texts["nudge.angry.title"], self._texts["nudge.angry.say"]
        yield screens.nudge_of("EMO-1", title, say, weight=Weight.PATIENT)
