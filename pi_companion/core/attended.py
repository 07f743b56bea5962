"""Who looks after the device, and which station is it? What harness, stick, network and mistakes ask of a desk.

The companion's own screens come first: in a call, while it rings and in wrap-up nothing of this is shown or asked.
A harness that is pulled or exchanged during a call is heeded when the call is over; then the device begins anew as the
other station, and nothing of the one before is left in it.
"""

from dataclasses import dataclass, field
from typing import Final

from pi_companion.core import notices
from pi_companion.core.buttons import Buttons
from pi_companion.core.effects import Effect, LineStateChanged, ShowScreen
from pi_companion.core.facts import Button, ButtonPressed, ButtonReleased, Fact, FactOutOfOrder, Part, PartFound
from pi_companion.core.harness import HarnessChanged, HarnessState
from pi_companion.core.mind import Mind
from pi_companion.core.notices import Offer
from pi_companion.core.states import LineState, Screen, ScreenName

TURN_MS: Final = 8000
"""Notices and the idle screen take turns."""

RESULT_MS: Final = 20_000
"""How something ended stands so long, or until a button is pressed."""

LEAST_MS: Final = 30_000
"""A device does not become another station sooner after its start: a loose plug must not wear out its starts."""

QUIET_MS: Final = 60_000
"""So long must a desk have been on-hook before something is done that nobody there was asked about."""

_SETTLE_MS: Final = 50


@dataclass(frozen=True, slots=True, kw_only=True)
class Seat:
    """Which station the device has begun as.

    `has_stations`: the site tells stations apart at all. `code`: the harness's, None if that said none; `number`:
    empty if the site knows no such station. `notices`: what else is to be said while idle; `result`: how what was done
    before this start has ended.
    """

    has_stations: bool = False
    code: int | None = None
    number: str = ""
    notices: tuple[Screen, ...] = ()
    result: Screen | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class OfferMade(Fact):
    """A stick has something, or may take it; `what`: its version, or the station's number.

    `is_by_itself`: the network has it, and nobody is asked; it is said yes to when the desk is quiet.
    """

    offer: Offer
    what: str
    is_by_itself: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class OfferWithdrawn(Fact):
    """The stick is out, or what it had was taken."""


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkProgressed(Fact):
    """What was said yes to is being done."""

    pct: int


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkEnded(Fact):
    """It is over."""

    is_done: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class CalibrationCame(Fact):
    """The network had a newer calibration of this station; it is in effect from the next start on."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AttendingEffect(Effect):
    """A request to the program around the mind; no event of a call."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StationChanged(AttendingEffect):
    """Begin anew as the station whose harness has this code; None: as none."""

    code: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class OfferAnswered(AttendingEffect):
    """Somebody has said yes or no to what a stick has, or a quiet desk yes to what the network has."""

    offer: str
    is_accepted: bool


@dataclass(slots=True)
class _Stick:
    """Where the talk about a stick stands."""

    offer: OfferMade | None = None
    is_answered: bool = False
    result: Screen | None = None
    result_until: int = 0
    pct: int = 0
    buttons: Buttons = field(default_factory=lambda: Buttons(_SETTLE_MS))


class Attended:
    """A mind around another one, whose effects it passes on; screens of its own only while the desk is on-hook."""

    def __init__(self, inner: Mind, seat: Seat) -> None:
        self._inner, self._seat = inner, seat
        self._now = 0
        self._line = LineState.ON_HOOK
        self._under: Screen | None = None
        self._shown: Screen | None = None
        self._idle_since: int | None = None
        self._quiet_since: int | None = 0
        self._harness = HarnessChanged(at=0, state=HarnessState.CHANGING, word=0)
        self._has_left = False
        self._is_outdated = False  # what it began with is not what it has now
        self._stick = _Stick(result=seat.result, result_until=RESULT_MS)

    def handle(self, fact: Fact) -> tuple[Effect, ...]:
        """Take a fact, return what follows, in order. Raises `FactOutOfOrder`, unchanged, if time runs back."""
        if fact.at < self._now:
            raise FactOutOfOrder(f"fact at {fact.at} ms after one at {self._now} ms: {type(fact).__name__}")
        self._now = fact.at
        out = self._take(fact)
        shows = [effect for effect in out if isinstance(effect, ShowScreen)]
        for effect in out:
            if isinstance(effect, LineStateChanged):
                self._line = effect.state
        self._under = shows[-1].screen if shows else self._under
        self._note_idle()
        rest: list[Effect] = [effect for effect in out if not isinstance(effect, ShowScreen)]
        rest += [*self._leave(), *self._say_yes()]
        screen = self._due_screen()
        is_told_again = isinstance(fact, PartFound) and fact.part is Part.OLED
        if screen is not None and (screen != self._shown or is_told_again):
            self._shown = screen
            rest.append(ShowScreen(at=self._now, screen=screen))
        return tuple(rest)

    def deadline(self) -> int | None:
        """Return the time at which a `Tick` is due, or None."""
        dues = [self._inner.deadline()]
        if self._idle_since is not None and self._turns() > 1:
            dues.append(self._idle_since + ((self._now - self._idle_since) // TURN_MS + 1) * TURN_MS)
        if self._stick.result is not None and self._now < self._stick.result_until:
            dues.append(self._stick.result_until)
        if self._waits_for_quiet() and self._quiet_since is not None:
            dues.append(self._quiet_since + QUIET_MS)
        if (self._is_another() or self._is_outdated) and not self._has_left and self._now < LEAST_MS:
            dues.append(LEAST_MS)
        return min((due for due in dues if due is not None), default=None)

    def _take(self, fact: Fact) -> tuple[Effect, ...]:
        stick = self._stick
        match fact:
            case HarnessChanged():
                if fact.state is not HarnessState.CHANGING:
                    self._harness = fact
            case OfferMade():
                self._stick = _Stick(offer=fact, buttons=stick.buttons)
            case OfferWithdrawn():
                if stick.result is None:
                    self._stick = _Stick(buttons=stick.buttons)
                else:
                    stick.offer = None
            case WorkProgressed():
                stick.pct = fact.pct
            case WorkEnded():
                if stick.offer is not None:
                    self._is_outdated |= fact.is_done and stick.offer.offer is Offer.LOAD
                    stick.result = notices.ended(stick.offer.offer, is_done=fact.is_done)
                    stick.result_until = fact.at + RESULT_MS
            case CalibrationCame():
                self._is_outdated = True
                if stick.offer is None:
                    stick.result = notices.calibration_came()
                    stick.result_until = fact.at + RESULT_MS
            case ButtonPressed() | ButtonReleased() if self._is_talking():
                return self._press(fact)
            case _:
                return self._inner.handle(fact)
        return ()

    def _press(self, fact: ButtonPressed | ButtonReleased) -> tuple[Effect, ...]:
        stick = self._stick
        if not stick.buttons.is_press(fact):
            return ()
        if stick.result is not None:
            stick.result_until = fact.at
        elif stick.offer is not None and not stick.is_answered and fact.button is not Button.PAGE:
            stick.is_answered = True
            is_accepted = fact.button is Button.RESUME
            answered = OfferAnswered(at=fact.at, offer=str(stick.offer.offer), is_accepted=is_accepted)
            if not is_accepted:
                self._stick = _Stick(buttons=stick.buttons)
            return (answered,)
        return ()

    def _waits_for_quiet(self) -> bool:
        offer = self._stick.offer
        return offer is not None and offer.is_by_itself and not self._stick.is_answered

    def _say_yes(self) -> list[Effect]:
        """Say yes to what the network has, once the desk has been quiet for long enough."""
        offer = self._stick.offer
        if offer is None or not self._waits_for_quiet() or self._is_another() or self._has_left:
            return []
        if self._quiet_since is None or self._now - self._quiet_since < QUIET_MS:
            return []
        self._stick.is_answered = True
        return [OfferAnswered(at=self._now, offer=str(offer.offer), is_accepted=True)]

    # Station

    def _is_another(self) -> bool:
        """Return whether the harness says another station, or none, than the device has begun as."""
        if not self._seat.has_stations or self._harness.state is HarnessState.CHANGING:
            return False
        return self._harness.code != self._seat.code

    def _leave(self) -> list[Effect]:
        is_anew = self._is_outdated and self._stick_screen() is None
        if self._has_left or not self._is_quiet() or not (self._is_another() or is_anew) or self._now < LEAST_MS:
            return []
        self._has_left = True
        code = self._harness.code if self._is_another() else self._seat.code
        return [StationChanged(at=self._now, code=code)]

    # Screens

    def _is_quiet(self) -> bool:
        return self._line in {LineState.ON_HOOK, LineState.AWAY}

    def _is_talking(self) -> bool:
        return self._is_quiet() and self._stick_screen() is not None

    def _note_idle(self) -> None:
        if not self._is_quiet():
            self._quiet_since = None
        elif self._quiet_since is None:
            self._quiet_since = self._now
        is_idle = self._under is not None and self._under.name is ScreenName.IDLE and self._is_quiet()
        if not is_idle:
            self._idle_since = None
        elif self._idle_since is None:
            self._idle_since = self._now

    def _turns(self) -> int:
        return 1 + len(self._idle_notices())

    def _idle_notices(self) -> tuple[Screen, ...]:
        told = None
        if self._seat.has_stations and not self._seat.number:
            told = notices.no_station(self._harness.state, self._harness.code)
        return (*self._seat.notices, *([told] if told else []))

    def _due_screen(self) -> Screen | None:
        if not self._is_quiet():
            return self._under
        if self._is_another():
            return notices.changing_station()
        if (talk := self._stick_screen()) is not None:
            return talk
        if self._under is None or self._idle_since is None:
            return self._under
        turn = (self._now - self._idle_since) // TURN_MS % self._turns()
        # What is wrong is said first: whoever has just plugged it in is still there.
        told = self._idle_notices()
        if turn < len(told):
            return told[turn]
        return notices.numbered(self._under, self._seat.number) if self._seat.number else self._under

    def _stick_screen(self) -> Screen | None:
        stick = self._stick
        if stick.result is not None:
            return stick.result if self._now < stick.result_until else None
        if stick.offer is None:
            return None
        if self._waits_for_quiet():
            return None
        if not stick.is_answered:
            return notices.offer(stick.offer.offer, stick.offer.what)
        return notices.working(stick.offer.offer, stick.pct)
