"""Did the device keep its promises at every instant? Looks from outside: at the phone, the pins, the panel, the clock.

What a fault that was put in excuses is counted in milliseconds of it, never by the device's own word.
"""

from collections import Counter, deque
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from pi_companion.adapters.draw import draw
from pi_companion.bench.board import Board
from pi_companion.core.companion import Companion
from pi_companion.core.effects import Effect, FaultCleared, FaultRaised, MuteChanged, SetLeds, ShowScreen
from pi_companion.core.facts import Fact, Part, Tick
from pi_companion.core.states import Light, MuteState, Screen, ScreenName
from pi_companion.live.inbox import AUDIO_BLOCKS, FACTS
from tests.soak.parts import Panel, Phone

LATE_MS = 10
"""A deadline is kept within this of session time; waking up takes up to 3 ms here."""

FALSE_MS = 250
LONGEST_PRESS_MS = 300
HOOK_MS = 60
"""A hang-up is known this long after it; until then it may be a bounce."""

RINGS_OUT_MS = 9000
"""No ring for so long: no light of rings is lit any more, whatever this phone's rhythm."""

SCREEN_MS = 5000
"""A panel that works for so long shows what was asked for last: it is looked for every 2 s."""

FOUND_MS = {Part.TAP: 15_000, Part.OLED: 5000, Part.SEAT: 40_000, Part.MUTE_LAMP: 10_000}
"""A part that works for so long is known to: what each keeper takes between two attempts, and to believe one."""

_LOOK_MS = 1000
_MOST_TOLD = 20
_LIGHTS = ("green", "amber", "red", "mute")


@dataclass(slots=True)
class Tally:
    """What is counted; `broken`: how often each check failed, `told`: the first of them, in words."""

    counts: Counter[str] = field(default_factory=Counter)
    longest_ms: Counter[str] = field(default_factory=Counter)
    broken: Counter[str] = field(default_factory=Counter)
    told: list[str] = field(default_factory=list)

    def fail(self, at: int, check: str, what: str) -> None:
        self.broken[check] += 1
        if len(self.told) < _MOST_TOLD:
            hours, minutes = divmod(at // 60_000, 60)
            self.told.append(f"{check}: {hours}:{minutes:02}:{at % 60_000 / 1000:06.3f}: {what}")

    def most(self, name: str, ms: int) -> None:
        self.longest_ms[name] = max(self.longest_ms[name], ms)


class Excuses:
    """When the device could not act, because of what was done to it."""

    def __init__(self) -> None:
        self._windows: deque[tuple[int, int]] = deque(maxlen=64)

    def add(self, began: int, ended: int) -> None:
        self._windows.append((began, ended))

    def within(self, began: int, ended: int) -> int:
        return sum(max(0, min(ended, until) - max(began, since)) for since, until in self._windows)


class Judge:
    """See the module. `look` is called at every instant, with all that happens in it done."""

    def __init__(self, now: Callable[[], int], panel: Panel) -> None:
        self._now, self._panel = now, panel
        self.tally, self.stood_still, self.hung = Tally(), Excuses(), Excuses()
        self.works_since: dict[Part, int | None] = dict.fromkeys(FOUND_MS, 0)
        self.rang_at = self.hung_up_at = 0
        self.hung_since: int | None = None
        self._is_closed = False
        self._closed_at = self._looked_at = 0
        self._asked: SetLeds | None = None
        self._screen: Screen | None = None
        self._screen_at = 0
        self._lost: dict[Part, int] = {}
        self._is_muted_shown = self._is_muted_lit = False
        self._untrue_since: int | None = None

    def attach(self, live: Any, board: Board, phone: Phone) -> None:  # noqa: ANN401 - looked into
        self._live, self._board, self._phone = live, board, phone

    # What is seen of the device

    def tick(self, due: int) -> None:
        """A deadline is acted on."""
        now = self._now()
        late_ms = max(0, now - due - self._excused(due, now))
        self.tally.counts["deadlines"] += 1
        self.tally.most("late", late_ms)
        if late_ms > LATE_MS:
            self.tally.fail(now, "deadline", f"acted on {late_ms} ms late")

    def effect(self, effect: Effect) -> None:
        match effect:
            case SetLeds():
                self._asked = effect
                self._is_muted_lit = effect.mute is Light.ON
                self.tally.counts["lights set"] += 1
            case ShowScreen(screen=screen):
                self._screen, self._screen_at = screen, self._now()
                self._is_muted_shown = screen.name is ScreenName.MUTED or screen.is_microphone_muted is True
                self.tally.counts["screens"] += 1
            case MuteChanged(state=MuteState.MUTED):
                self.tally.counts["times muted"] += 1
            case FaultRaised(part=part):
                self._lost[part] = self._now()
                self.tally.counts[f"lost: {part}"] += 1
                if part in {Part.SIDES, Part.SPEECH}:
                    self.tally.fail(self._now(), "parts", f"{part} is lost, and nothing was done to it")
            case FaultCleared(part=part):
                lost_at, since = self._lost.pop(part, self._now()), self.works_since.get(part)
                if since is not None:
                    self.tally.most(f"found: {part}", self._now() - max(since, lost_at))
            case _:
                self.tally.counts[type(effect).__name__] += 1

    def contact(self, at: int, *, is_closed: bool) -> None:
        if is_closed is self._is_closed:
            return
        self._is_closed = is_closed
        if is_closed:
            self._closed_at = at
            self.tally.counts["presses"] += 1
            return
        self._look_at_hook(at)
        for_ms = at - self._closed_at
        self.tally.most("press", for_ms)
        if for_ms > LONGEST_PRESS_MS:
            self.tally.fail(at, "press", f"the contact was closed for {for_ms} ms")

    # Every instant

    def look(self) -> None:
        now = self._now()
        self._look_at_contact(now)
        self._look_at_mute(now)
        asked = self._asked
        if asked is not None and (asked.lease_until is None or now > asked.lease_until):
            lit = [name for name in _LIGHTS if self._board.light(name)]  # type: ignore[arg-type]  # they are names
            if lit:
                self.tally.fail(now, "lease", f"lit without a lease: {', '.join(lit)}")
        if now - self._looked_at >= _LOOK_MS:
            self._looked_at = now
            self._look_around(now)

    def _look_at_contact(self, now: int) -> None:
        if not self._is_closed:
            return
        if now - self._closed_at > LONGEST_PRESS_MS:
            self.tally.fail(now, "press", "the contact is still closed")
        self._look_at_hook(now)

    def _look_at_hook(self, now: int) -> None:
        """The contact is, or was until now, closed."""
        since = now - self.hung_up_at
        if not self._phone.is_off_hook and since > HOOK_MS + LATE_MS + self._excused(self.hung_up_at, now):
            self.tally.fail(now, "on-hook", f"the contact is closed {since} ms after the hang-up")

    def _look_at_mute(self, now: int) -> None:
        is_shown = self._is_muted_shown or (self._is_muted_lit and self._board.light("mute"))
        is_told_otherwise = not self._phone.is_muted and not self._phone.is_lamp_lit and self.is_lamp_sensed
        if not (is_shown and is_told_otherwise):
            self._untrue_since = None
            return
        if self._untrue_since is None:
            self._untrue_since = now
        for_ms = now - self._untrue_since - self._excused(self._untrue_since, now)
        self.tally.most("muted while live", for_ms)
        if for_ms > FALSE_MS:
            self.tally.fail(now, "mute", f"shown muted for {for_ms} ms while live, and the lamp says so")
            self._untrue_since = now

    @property
    def is_lamp_sensed(self) -> bool:
        return self.works_since[Part.MUTE_LAMP] is not None

    def _look_around(self, now: int) -> None:
        inbox = self._live._inbox
        self.tally.most("facts waiting", inbox.facts_waiting)
        self.tally.most("audio waiting", inbox.audio_waiting)
        if inbox.facts_waiting > 2 * FACTS or inbox.audio_waiting > AUDIO_BLOCKS:
            self.tally.fail(now, "queues", f"{inbox.facts_waiting} facts, {inbox.audio_waiting} blocks wait")
        if self.hung_since is not None:
            return
        self.rang_at = now if self._phone.is_ringing else self.rang_at
        if now - self.rang_at > RINGS_OUT_MS + self._excused(self.rang_at, now):
            lit = [name for name in ("green", "amber", "red") if self._board.light(name)]
            if lit:
                self.tally.fail(now, "ring lights", f"{', '.join(lit)} lit, no ring for {now - self.rang_at} ms")
        for part, since in self.works_since.items():
            if part in self._lost and since is not None and now - since > FOUND_MS[part] + self._excused(since, now):
                self.tally.fail(now, "parts", f"{part} works for {now - since} ms and counts as lost")
                self.works_since[part] = now
        self._look_at_screen(now)

    def _look_at_screen(self, now: int) -> None:
        works_since = self.works_since[Part.OLED]
        if self._screen is None or works_since is None or now - self._screen_at < LATE_MS:
            return
        if now - works_since < SCREEN_MS + self._excused(works_since, now):
            return
        self.tally.counts["looks at the panel"] += 1
        if self.tally.counts["looks at the panel"] % 20:
            return  # to draw it costs as much as a second of the device
        picture, shift = draw(self._screen), self._live._screen._wanted.shift
        moved = picture.copy()
        moved.paste(0, (0, 0, *picture.size))
        moved.paste(picture, shift)
        if self._panel.shown != moved.tobytes():
            self.tally.fail(now, "screen", f"the panel does not show what was asked for: {self._screen.name}")

    def _excused(self, since: int, now: int) -> int:
        hangs_ms = 0 if self.hung_since is None else now - max(since, self.hung_since)
        return self.stood_still.within(since, now) + self.hung.within(since, now) + max(0, hangs_ms)


class TimedCompanion(Companion):
    """A companion whose deadlines are looked at by a judge."""

    judge: Judge

    def handle(self, fact: Fact) -> tuple[Effect, ...]:
        if isinstance(fact, Tick):
            self.judge.tick(fact.at)
        return super().handle(fact)
