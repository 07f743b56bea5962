"""Does the agent speak too loudly or softly? By the calibrated voice, following the customer (VOICE-2, VOICE-5).

What a customer asks for is how much louder or softer they are than customers usually are on this phone, so nothing is
followed before some calls have shown what is usual; and where nothing was calibrated, nothing is claimed.
"""

from collections import deque
from collections.abc import Iterable, Iterator
from enum import Enum
from itertools import accumulate
from statistics import median_low
from typing import Final

from pi_companion.core import screens
from pi_companion.core.cues import Weight
from pi_companion.core.facts import Part, PartLost, Side, TalkSpurtBegan, TalkSpurtEnded
from pi_companion.core.observing import Advice, CallBegan, CallEnded, Cue, Drop, Happening, Moment, Note
from pi_companion.core.settings import Pack, Station
from pi_companion.core.states import LineState

_CALLS_KNOWN: Final = 3  # customers are compared with what is usual from this many earlier calls on
_CALLS_KEPT: Final = 50
_HUSH_SPEECH_MS: Final = 1000  # a laugh or a cough is no loud talk
_HUSH_AGAIN_MS: Final = 60000
_ON_HOOK: Final = frozenset({LineState.ON_HOOK, LineState.AWAY, LineState.WRAP_UP})


class _Volume(Enum):
    LOUD = "loud"
    QUIET = "quiet"
    RIGHT = "right"


class LoudnessCheck:
    """Takes the levels of both sides; `settings.limits.loudness`, `station.speaking_dbfs`."""

    def __init__(self, pack: Pack, station: Station) -> None:
        self._limits, self._texts = pack.limits.loudness, pack.texts
        self._usual_dbfs = station.speaking_dbfs
        self._customers_dbfs: deque[int] = deque(maxlen=_CALLS_KEPT)
        self._hushed_at: int | None = None
        self._began_at = self._on_hook_since = 0
        self._is_muted_speech = False
        self._begin()

    def _begin(self) -> None:
        self._spurts: list[tuple[int, int]] = []
        self._customer_dbfs: list[int] = []
        self._volume: _Volume | None = None
        self._was_wrong = False

    def take(self, happening: Happening, moment: Moment) -> Iterable[Advice]:
        """Take what is said how loudly; muted speech is said to a colleague."""
        if not self._usual_dbfs:
            return
        match happening:
            case CallBegan():
                self._begin()
                self._began_at = happening.at
            case CallEnded():
                yield from self._end(happening.at)
            case TalkSpurtBegan(side=Side.AGENT):
                self._is_muted_speech = moment.is_muted
            case TalkSpurtEnded(side=Side.AGENT) if moment.call is None:
                yield from self._hush(happening, moment.line)
            case TalkSpurtEnded(side=Side.AGENT) if self._is_to_customer(happening, moment):
                yield from self._listen(happening)
            case TalkSpurtEnded(side=Side.CUSTOMER) if moment.call is not None:
                self._customer_dbfs.append(happening.level_dbfs)
            case PartLost(part=Part.TAP | Part.SIDES):
                self._spurts = []
            case _:
                pass

    def deadline(self) -> int | None:
        """Return None: time alone makes nobody loud."""
        return None

    def pass_deadline(self, _at: int, _moment: Moment) -> Iterable[Advice]:
        """Nothing follows from time alone."""
        return ()

    def _is_to_customer(self, spurt: TalkSpurtEnded, moment: Moment) -> bool:
        is_together = moment.line is LineState.CONNECTED and not (moment.is_muted or self._is_muted_speech)
        return is_together and spurt.began >= self._began_at

    def _listen(self, spurt: TalkSpurtEnded) -> Iterator[Advice]:
        self._spurts.append((spurt.level_dbfs, spurt.ended - spurt.began))
        while sum(ms for _, ms in self._spurts[1:]) >= self._limits.sustained_ms:
            del self._spurts[0]
        if sum(ms for _, ms in self._spurts) < self._limits.sustained_ms:
            return
        was, self._volume = self._volume, self._judge()
        if self._volume is was:
            return
        if was in {_Volume.LOUD, _Volume.QUIET}:
            yield Drop(rule="VOICE-2")
        if self._volume is not _Volume.RIGHT:
            self._was_wrong = True
            title = self._texts[f"nudge.{self._volume.value}.title"]
            yield screens.nudge_of("VOICE-2", title, weight=Weight.PATIENT)

    def _judge(self) -> _Volume:
        deviation_db = _middle(self._spurts) - self._usual_dbfs - self._asked_db()
        if deviation_db > self._limits.loud_db:
            return _Volume.LOUD
        return _Volume.QUIET if deviation_db < -self._limits.quiet_db else _Volume.RIGHT

    def _asked_db(self) -> int:
        """Return how much louder than usual this customer asks the agent to speak."""
        if len(self._customers_dbfs) < _CALLS_KNOWN or not self._customer_dbfs:
            return 0
        louder_db = median_low(self._customer_dbfs) - median_low(self._customers_dbfs)
        return max(-self._limits.follow_db, min(self._limits.follow_db, louder_db))

    def _end(self, at: int) -> Iterator[Advice]:
        if self._volume is not None:
            yield Note(rule="VOICE-2", is_good=not self._was_wrong)
        if self._customer_dbfs:
            self._customers_dbfs.append(median_low(self._customer_dbfs))
        self._on_hook_since = at
        self._begin()

    def _hush(self, spurt: TalkSpurtEnded, line: LineState) -> Iterator[Advice]:
        """Ask for quiet while colleagues may be on calls."""
        is_loud = spurt.level_dbfs > self._usual_dbfs + self._limits.hush_db
        is_talk = spurt.began >= self._on_hook_since and spurt.ended - spurt.began >= _HUSH_SPEECH_MS
        is_new = self._hushed_at is None or spurt.at - self._hushed_at >= _HUSH_AGAIN_MS
        if self._limits.hush_on_hook and line in _ON_HOOK and is_loud and is_talk and is_new:
            self._hushed_at = spurt.at
            title, say = self._texts["nudge.hush.title"], self._texts["nudge.hush.say"]
            yield Cue(rule="VOICE-5", text=f"{title} {say}", screen=screens.nudge(title, say))


def _middle(spurts: list[tuple[int, int]]) -> int:
    """Return the level that was not exceeded for half of the time: a laugh does not move it."""
    ordered = sorted(spurts)
    passed_ms = accumulate(ms for _, ms in ordered)
    all_ms = sum(ms for _, ms in ordered)
    return next(level for (level, _), ms in zip(ordered, passed_ms, strict=True) if 2 * ms >= all_ms)
