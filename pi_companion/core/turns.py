"""Whose turn is it, and for how long? Interruptions, a customer who talks on and on, dead air (LISTEN-1, -2, -6)."""

from collections.abc import Iterable

from pi_companion.core import screens
from pi_companion.core.effects import DeadAirReached, MonologueReached
from pi_companion.core.facts import BusyToneHeard, Side, TalkSpurtBegan, TalkSpurtEnded
from pi_companion.core.interruptions import Interruptions
from pi_companion.core.observing import Advice, CallBegan, CallEnded, Happening, Moment
from pi_companion.core.settings import Pack
from pi_companion.core.voices import HANGOVER_MS, Voices, is_live


class Turns:
    """Follows both voices from off-hook until one side has hung up; `settings.limits.turns`."""

    def __init__(self, pack: Pack) -> None:
        self._pack = pack
        self._voices = Voices(pack.acknowledgements)
        self._parts: tuple[Interruptions | Floor | Silence, ...] = ()

    def take(self, happening: Happening, moment: Moment) -> Iterable[Advice]:
        """Start and stop with the conversation; what each part finds out comes in their order."""
        if isinstance(happening, CallBegan):
            self._voices = voices = Voices(self._pack.acknowledgements)
            waits_for_customer = not happening.is_outbound and not happening.is_joined
            self._parts = (
                Interruptions(self._pack, voices),
                Floor(self._pack, voices),
                Silence(self._pack, voices, waits_for_customer=waits_for_customer),
            )
        self._voices.take(happening, moment)
        for part in self._parts:
            yield from part.take(happening, moment)
        if isinstance(happening, CallEnded | BusyToneHeard):
            self._parts = ()

    def deadline(self) -> int | None:
        """Return when time alone will matter to one of them."""
        dues = (part.deadline() for part in self._parts)
        return min((due for due in dues if due is not None), default=None)

    def pass_deadline(self, at: int, moment: Moment) -> Iterable[Advice]:
        """Let each part know the time."""
        self._voices.see(moment)
        for part in self._parts:
            yield from part.pass_deadline(at, moment)


class Floor:
    """Counts how long the customer talks without a sound of the agent, who should show that they listen (LISTEN-2)."""

    def __init__(self, pack: Pack, voices: Voices) -> None:
        self._limits, self._texts, self._voices = pack.limits.turns, pack.texts, voices
        self._since: int | None = None
        self._told_at: int | None = None
        self._paused_at: int | None = None

    def take(self, happening: Happening, moment: Moment) -> Iterable[Advice]:
        """Give the floor to the customer, or take it away."""
        begins_at = happening.at
        match happening:
            case TalkSpurtBegan(side=Side.CUSTOMER):
                begins_at = happening.began
                if self._paused_at is not None and happening.began - self._paused_at > self._limits.floor_gap_ms:
                    self._since = None
            case TalkSpurtEnded(side=Side.CUSTOMER):
                self._paused_at = happening.ended
            case TalkSpurtEnded(side=Side.AGENT):
                begins_at = happening.ended
            case _:
                pass
        yield from self._judge(happening.at, moment, begins_at)

    def deadline(self) -> int | None:
        """Return when the customer will have talked for too long, if they go on."""
        if self._since is None or not self._voices.is_talking(Side.CUSTOMER):
            return None
        return (self._told_at or self._since) + self._limits.monologue_ms + HANGOVER_MS

    def pass_deadline(self, at: int, moment: Moment) -> Iterable[Advice]:
        """Ask for a response, once in each full span."""
        yield from self._judge(at, moment, at)

    def _judge(self, at: int, moment: Moment, begins_at: int) -> Iterable[Advice]:
        if self._voices.is_talking(Side.AGENT) or not is_live(moment):
            self._since = None
        elif self._since is None and self._voices.is_talking(Side.CUSTOMER):
            self._since, self._told_at = begins_at, None
        due = self.deadline()
        if self._since is None or due is None or at < due:
            return
        self._told_at = at - HANGOVER_MS
        yield MonologueReached(at=at, for_ms=self._told_at - self._since)
        yield screens.nudge_of("LISTEN-2", self._texts["nudge.monologue.title"], self._texts["nudge.monologue.say"])


class Silence:
    """Counts how long nobody talks, once the conversation has begun, and not after the farewell (LISTEN-6).

    `waits_for_customer`: a caller who has not been heard yet is what the silent-call script is for (OPEN-3).
    """

    def __init__(self, pack: Pack, voices: Voices, *, waits_for_customer: bool) -> None:
        self._limits, self._texts, self._voices = pack.limits, pack.texts, voices
        self._starters = {Side.CUSTOMER} if waits_for_customer else set(Side)
        self._since: int | None = None
        self._is_told = self._was_live = False

    def take(self, happening: Happening, moment: Moment) -> Iterable[Advice]:
        """Start and stop with the voices."""
        yield from self._judge(happening.at, moment)

    def deadline(self) -> int | None:
        """Return when the silence will be too long."""
        if self._since is None or self._is_told or not self._starters & self._voices.has_spoken:
            return None
        return self._since + self._limits.turns.dead_air_ms

    def pass_deadline(self, at: int, moment: Moment) -> Iterable[Advice]:
        """Ask for a word, once in each silence."""
        yield from self._judge(at, moment)

    def _judge(self, at: int, moment: Moment) -> Iterable[Advice]:
        was_live, self._was_live = self._was_live, is_live(moment)
        if not self._was_live or any(self._voices.is_talking(side) for side in Side):
            self._since, self._is_told = None, False
        elif self._since is None:
            ended_at = self._voices.ended_at()
            self._since = at if ended_at is None or not was_live else ended_at
        due = self.deadline()
        if self._since is None or due is None or at < due:
            return
        self._is_told = True
        if self._is_after_farewell(moment, self._since):
            return
        seconds = str(self._limits.turns.dead_air_ms // 1000)
        title = self._texts["nudge.dead_air.title"].replace("{seconds}", seconds)
        yield DeadAirReached(at=at, for_ms=at - self._since)
        yield screens.nudge_of("LISTEN-6", title, self._texts["nudge.dead_air.say"])

    def _is_after_farewell(self, moment: Moment, since: int) -> bool:
        closed_at = moment.call.closed_at if moment.call else None
        return closed_at is not None and since - closed_at <= self._limits.closing.window_ms
