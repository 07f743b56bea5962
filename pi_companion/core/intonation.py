"""Does the agent speak flatly? The span of the pitch of their voice over the last minutes (VOICE-3).

The span is that of the middle four fifths, so a laugh, a cough or a pitch mistaken does not widen it. The sound tells
it, recognised or not.
"""

from collections import deque
from collections.abc import Iterable, Iterator

from pi_companion.core import screens
from pi_companion.core.cues import Weight
from pi_companion.core.effects import IntonationMeasured
from pi_companion.core.facts import Side, TalkSpurtBegan, TalkSpurtEnded
from pi_companion.core.framer import FRAME_MS
from pi_companion.core.observing import Advice, CallBegan, CallEnded, Drop, Happening, Moment, Note
from pi_companion.core.settings import Pack
from pi_companion.core.states import LineState


class IntonationCheck:
    """Takes the pitches of the agent's spurts, of each call afresh; `settings.limits.intonation`."""

    def __init__(self, pack: Pack) -> None:
        self._limits, self._texts = pack.limits.intonation, pack.texts
        self._is_muted_speech = False
        self._begin(0)

    def _begin(self, at: int) -> None:
        self._began_at = at
        self._spurts: deque[TalkSpurtEnded] = deque()
        self._is_flat: bool | None = None
        self._was_flat = False

    def take(self, happening: Happening, moment: Moment) -> Iterable[Advice]:
        """Take what the customer can hear; muted speech is said to a colleague."""
        match happening:
            case CallBegan():
                self._begin(happening.at)
            case CallEnded():
                if self._is_flat is not None:
                    yield Note(rule="VOICE-3", is_good=not self._was_flat)
                self._begin(happening.at)
            case TalkSpurtBegan(side=Side.AGENT):
                self._is_muted_speech = moment.is_muted
            case TalkSpurtEnded(side=Side.AGENT) if self._counts(happening, moment):
                yield from self._listen(happening)
            case _:
                pass

    def deadline(self) -> int | None:
        """Return None: time alone makes nobody flat."""
        return None

    def pass_deadline(self, _at: int, _moment: Moment) -> Iterable[Advice]:
        """Nothing follows from time alone."""
        return ()

    def _counts(self, spurt: TalkSpurtEnded, moment: Moment) -> bool:
        is_to_customer = moment.line is LineState.CONNECTED and not (moment.is_muted or self._is_muted_speech)
        return is_to_customer and moment.is_heard and spurt.began >= self._began_at and bool(spurt.pitches_cents)

    def _listen(self, spurt: TalkSpurtEnded) -> Iterator[Advice]:
        self._spurts.append(spurt)
        while self._spurts[0].ended <= spurt.ended - self._limits.window_ms:
            self._spurts.popleft()
        pitches = sorted(pitch for each in self._spurts for pitch in each.pitches_cents)
        voiced_ms = len(pitches) * FRAME_MS
        if voiced_ms < self._limits.least_voiced_ms:
            return
        span_tenths = (pitches[len(pitches) * 9 // 10] - pitches[len(pitches) // 10]) // 10
        yield IntonationMeasured(at=spurt.at, span_tenths=span_tenths, over_ms=voiced_ms)
        was_flat, self._is_flat = self._is_flat, span_tenths < self._limits.flat_below_tenths
        if self._is_flat and not was_flat:
            self._was_flat = True
            title, say = self._texts["nudge.flat.title"], self._texts["nudge.flat.say"]
            yield screens.nudge_of("VOICE-3", title, say, weight=Weight.PATIENT)
        elif was_flat and not self._is_flat:
            yield Drop(rule="VOICE-3")
