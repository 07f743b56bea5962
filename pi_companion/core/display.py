"""What is put on LEDs and OLED? The one place that asks for light, with the two buttons that change what is shown."""

from pi_companion.core import screens
from pi_companion.core.cues import Shown
from pi_companion.core.effects import Effect, ShowScreen
from pi_companion.core.facts import Button, WallClockRead
from pi_companion.core.idle import Idle
from pi_companion.core.leds import LeasedLights, lights
from pi_companion.core.pages import Pages
from pi_companion.core.settings import Pack, Station
from pi_companion.core.snooze import Snooze
from pi_companion.core.states import LineState, Screen
from pi_companion.core.view import Situation, choose, held


class Display:
    """Remembers what was asked for last; only changes are requested."""

    def __init__(self, pack: Pack, station: Station) -> None:
        self._pack, self._station = pack, station
        self._pages = Pages(pack)
        self._snooze = Snooze(pack.limits.cueing)
        self._idle = Idle(pack)
        self._lights = LeasedLights()
        self._screen: Screen | None = None

    @property
    def is_snoozed(self) -> bool:
        """Whether the agent wants no nudges."""
        return self._snooze.is_on

    @property
    def is_looked_up(self) -> bool:
        """Whether the agent has asked for a page, which nothing but safety takes away."""
        return self._pages.screen is not None

    def press(self, at: int, button: Button, last: Shown | None, *, is_in_call: bool) -> None:
        """The page or the snooze button; `last`: the nudge that the first page explains."""
        self._idle.touch(at)
        match button:
            case Button.PAGE:
                self._pages.press(at, last)
            case Button.SNOOZE:
                self._snooze.press(at, is_in_call=is_in_call)
            case Button.RESUME:
                pass

    def wall(self, fact: WallClockRead) -> None:
        """The clock on the wall was read: brightness follows it."""
        self._idle.wall(fact.at, fact.minute_of_day)

    def call_began(self) -> None:
        """Another call: nothing is being looked up any more."""
        self._pages.put_away()

    def call_ended(self) -> None:
        """What was for the call ends with it."""
        self._pages.put_away()
        self._snooze.end_of_call()

    def forget(self) -> None:
        """The panel was gone: all of it is shown anew."""
        self._screen = None
        self._idle.forget_panel()

    def show(self, now: int, situation: Situation) -> list[Effect]:
        """Return the requests that change what is lit."""
        if held(situation, self._pack, self._station) is not None:
            self._pages.put_away()  # and what is to be said after the wait is not hidden by it
        is_quiet = situation.line in {LineState.ON_HOOK, LineState.AWAY} and not self.is_looked_up
        self._idle.follow(now, is_quiet=is_quiet)
        wanted = lights(
            situation.line,
            situation.rings,
            situation.mute,
            self._pack.limits.ringing,
            is_assumed_muted=situation.is_assumed_muted,
            is_seat_empty=situation.is_seat_empty,
        )
        effects: list[Effect] = [*self._lights.show(now, wanted), *self._idle.show(now)]
        notice = screens.snoozed(self._pack.texts, is_for_call=True) if self._snooze.is_announced else None
        screen = choose(
            situation,
            self._pack,
            self._station,
            page=self._pages.screen,
            notice=notice,
            reminder=self._idle.reminder(now),
            is_snoozed=self.is_snoozed,
        )
        if screen != self._screen:
            self._screen = screen
            effects.append(ShowScreen(at=now, screen=screen))
        return effects

    def deadline(self, now: int) -> int | None:
        """Return when something of this changes by itself."""
        dues = (
            self._pages.deadline(),
            self._snooze.deadline(),
            self._lights.deadline(),
            self._idle.deadline(now),
        )
        return min((due for due in dues if due is not None), default=None)

    def pass_deadline(self, now: int) -> None:
        """Put away what has been shown long enough."""
        self._pages.pass_deadline(now)
        self._snooze.pass_deadline(now)
