"""What did the MUTE key do to phone and agent, and was the agent told the truth? Judged from outside, by the phone.

The phone's `is_muted` is the truth; a press is judged where it happens, at the contact. What nobody could know is
counted apart and not excused: the agent's key and ours crossing (`crossed`), and a lamp that lies.
"""

from dataclasses import dataclass
from typing import Final

from pi_companion.bench.hostile_sequences import Sequence
from pi_companion.bench.phone import SEEN_AFTER_MS, DeskPhone
from pi_companion.core.effects import Effect, HoldChanged, LineStateChanged, MuteChanged, SetLeds, ShowScreen
from pi_companion.core.facts import Button, ButtonPressed, Fact, Part, PartFound, PartLost, Side, WordsHeard
from pi_companion.core.settings import Pack
from pi_companion.core.states import HoldState, Light, LineState, MuteState, ScreenName

REQUEST: Final = "请您稍等不要挂机帮您咨询一下好吗"
CONSENT: Final = "好的"
REFUSAL: Final = "不行"
APOLOGY: Final = "抱歉让您久等了"
SAID: Final = {
    (Side.CUSTOMER, CONSENT): "consent",
    (Side.CUSTOMER, REFUSAL): "refusal",
    (Side.AGENT, APOLOGY): "apology",
}

FALSE_MS: Final = 250
"""Muted may be shown for at most this long while the microphone is live."""

LONGEST_PRESS_MS: Final = 300
HOOK_MS: Final = 60
"""A hang-up is known this long after it at the latest; until then it may be a bounce."""

WISH_MS: Final = 3000
"""A press comes this soon after what it was wished for by, or not at all."""


NEVER_MS: Final = 10000
"""Longer ago than anything that counts."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """What became of one sequence. Times in milliseconds; `broken`: every law that did not hold, in words.

    `false_muted_ms`: shown muted while live, in all and at most at once; `false_live_ms` the reverse. `crossed`:
    presses that undid the agent's own, which no lamp had shown yet, or none that is there and tells the truth.
    `disputes`: how often the lamp was no longer believed. `end`: the microphone as shown at the end.
    """

    seed: int
    kind: str
    broken: tuple[str, ...]
    presses: int
    longest_press_ms: int
    false_muted_ms: int
    false_muted_longest_ms: int
    false_live_ms: int
    false_live_longest_ms: int
    crossed: int
    disputes: int
    end: MuteState


@dataclass(slots=True)
class _Lie:
    """How long something untrue was shown."""

    total_ms: int = 0
    longest_ms: int = 0
    since: int | None = None

    def look(self, at: int, *, is_untrue: bool) -> None:
        """Take what is so from `at` on."""
        if self.since is not None and not is_untrue:
            self.total_ms += at - self.since
            self.longest_ms = max(self.longest_ms, at - self.since)
            self.since = None
        elif self.since is None and is_untrue:
            self.since = at


@dataclass(slots=True)
class _Wish:
    """When mute (or its end) was wished for last, and how many presses that is still worth."""

    at: int = 0
    left: int = 0

    def begin(self, at: int) -> None:
        """Somebody wishes for it."""
        self.at, self.left = at, 2


@dataclass(slots=True)
class _OwnPress:
    """The agent's press of the phone's own key: when, when it counts, and what mute was then.

    `is_covered`: one of ours was unanswered then, so that the lamp's move may have been its answer.
    """

    at: int
    counts_at: int
    is_muted: bool | None = None
    is_covered: bool = False


class Judge:
    """Sees facts, effects, the contact and the phone, each as it happens; `settle` after all that happens at once.

    `pressed_at`: when the contact closed last.
    """

    def __init__(self, sequence: Sequence, phone: DeskPhone, pack: Pack) -> None:
        self._sequence, self._phone, self._limits, self._texts = sequence, phone, pack.limits.mute, pack.texts
        self._broken: list[str] = []
        self._own: list[_OwnPress] = []
        self._wishes = {True: _Wish(), False: _Wish()}
        self._said_at = {"consent": -1, "refusal": -1, "apology": -1, "resume": -1}
        self._button_ms = pack.limits.line.button_settle_ms
        self._button_at = -self._button_ms - 1
        self._hold: HoldState | None = None
        self._mute, self._mute_text = MuteState.UNKNOWN, ""
        self._is_on_screen = self._is_on_led = self._is_live_shown = False
        self._false_muted, self._false_live, self._beyond_lamp = _Lie(), _Lie(), _Lie()
        self._unjudged: list[int] = []
        self._presses = self._longest_ms = self._crossed = self._disputes = 0
        self._closed_at: int | None = None
        self._opened_at = -self._limits.gap_ms
        self.pressed_at = -NEVER_MS
        self._hung_up_at: int | None = 0
        self._is_lit, self._lamp_moved_at, self._disputed_at = False, 0, -1
        self._is_lamp_sensed = sequence.mute_lamp
        phone.watch(self._look_at_phone)

    # What happens

    def own_key(self, at: int) -> None:
        """The agent presses the phone's own key."""
        self._own.append(_OwnPress(at, at + max(SEEN_AFTER_MS, self._sequence.key_delay_ms)))

    def fact(self, fact: Fact) -> None:
        """The device is told something: it may be somebody's wish. What came before has had its effects."""
        self._judge_presses()
        match fact:
            case ButtonPressed(button=Button.RESUME):
                before, self._button_at = self._button_at, fact.at
                if fact.at - before > self._button_ms:  # sooner it only bounces
                    self._said_at["resume"] = fact.at
                    self._wishes[True].left = 0
                    self._wishes[False].begin(fact.at)
            case WordsHeard(side=side, words=said):
                name = SAID.get((side, "".join(word.text for word in said)), "")
                self._said_at[name] = fact.at
                if name == "apology" and self._hold in {HoldState.CONSENTED, HoldState.BEGAN}:
                    self._wishes[False].begin(fact.at)
            case PartLost(part=Part.MUTE_LAMP):
                self._is_lamp_sensed = False
            case PartFound(part=Part.MUTE_LAMP):
                self._is_lamp_sensed, self._disputed_at = self._sequence.mute_lamp, -1  # its level is believed
            case _:
                pass

    def effect(self, effect: Effect) -> None:
        """The device asks for something."""
        match effect:
            case HoldChanged():
                self._follow_hold(effect)
            case LineStateChanged(state=LineState.WRAP_UP):
                self._wishes = {True: _Wish(), False: _Wish()}
            case MuteChanged():
                self._mute, self._mute_text = effect.state, effect.shown
                if effect.state is MuteState.DISPUTED:
                    self._disputes, self._disputed_at = self._disputes + 1, effect.at
            case ShowScreen(screen=screen):
                self._is_on_screen = screen.name is ScreenName.MUTED or screen.is_microphone_muted is True
                self._is_live_shown = screen.is_microphone_muted is False
            case SetLeds():
                self._is_on_led = effect.mute is Light.ON
            case _:
                pass

    def contact(self, at: int, *, is_closed: bool) -> None:
        """The contact across the MUTE key has moved."""
        if is_closed is (self._closed_at is not None):
            return
        if is_closed:
            self._presses += 1
            self._unjudged.append(at)
            if at - self._opened_at < self._limits.gap_ms:
                self._break(at, f"pressed again {at - self._opened_at} ms after the last press")
            if self._hung_up_at is not None and at >= self._hung_up_at + HOOK_MS:
                self._break(at, "pressed on-hook")
            self._closed_at = self.pressed_at = at
            return
        for_ms = at - (self._closed_at or 0)
        self._longest_ms = max(self._longest_ms, for_ms)
        if for_ms > LONGEST_PRESS_MS:
            self._break(at, f"pressed for {for_ms} ms")
        if self._hung_up_at is not None and at > self._hung_up_at + HOOK_MS:
            self._break(at, f"let go {at - self._hung_up_at} ms after the hang-up")
        self._closed_at, self._opened_at = None, at

    def settle(self, at: int) -> None:
        """All that happens at once has happened: judge what is shown and what was pressed."""
        self._judge_presses()
        is_shown = self._is_on_screen or self._is_on_led
        self._false_muted.look(at, is_untrue=is_shown and not self._phone.is_muted)
        self._false_live.look(at, is_untrue=self._is_live_shown and self._phone.is_muted)
        self._beyond_lamp.look(at, is_untrue=is_shown and not (self._is_lamp_sensed and self._phone.is_lamp_lit))
        if is_shown and self._disputed_at > self._lamp_moved_at:
            self._break(at, "shown muted after a dispute that no lamp has settled")

    def verdict(self, at: int, *, is_lit: bool | None) -> Verdict:
        """Return what is to be said, after the calm; `is_lit`: the lamp as sensed, None if it is not."""
        for lie in (self._false_muted, self._false_live, self._beyond_lamp):
            lie.look(at, is_untrue=False)
        if self._beyond_lamp.total_ms:
            self._break(at, f"shown muted for {self._beyond_lamp.total_ms} ms without a lamp that says so")
        if not self._sequence.is_lying and self._false_muted.longest_ms > FALSE_MS:
            self._break(at, f"shown muted for {self._false_muted.longest_ms} ms while live")
        if self._closed_at is not None:
            self._break(at, "pressed at the end")
        agreed = {MuteState.MUTED: True, MuteState.LIVE: False}
        if self._mute is MuteState.PRESSING or (self._mute in agreed and agreed[self._mute] is not is_lit):
            self._break(at, f"at the end {self._mute}, the lamp {is_lit}")
        return Verdict(
            seed=self._sequence.seed,
            kind=self._sequence.kind,
            broken=tuple(self._broken),
            presses=self._presses,
            longest_press_ms=self._longest_ms,
            false_muted_ms=self._false_muted.total_ms,
            false_muted_longest_ms=self._false_muted.longest_ms,
            false_live_ms=self._false_live.total_ms,
            false_live_longest_ms=self._false_live.longest_ms,
            crossed=self._crossed,
            disputes=self._disputes,
            end=self._mute,
        )

    # Inside

    def _follow_hold(self, effect: HoldChanged) -> None:
        before, self._hold, at = self._hold, effect.state, effect.at
        if effect.state is HoldState.CONSENTED:
            if at not in {self._said_at["consent"], self._said_at["resume"]}:
                self._break(at, "mute is wanted and nobody has agreed")
            self._wishes[True].begin(at)
        elif effect.state is HoldState.REFUSED and before is HoldState.CONSENTED:
            self._wishes[True].left = 0
            if at == self._said_at["refusal"]:
                self._wishes[False].begin(at)

    def _look_at_phone(self, at: int) -> None:
        """Before the device sees it."""
        phone = self._phone
        self._hung_up_at = None if phone.is_off_hook else at if self._hung_up_at is None else self._hung_up_at
        for own in self._own:
            if own.counts_at == at and own.is_muted is None and phone.is_off_hook:
                since = self.pressed_at
                own.is_muted = phone.is_muted
                is_waiting = at - since <= self._limits.confirm_ms
                is_answered = self._lamp_moved_at >= since and at > self._lamp_moved_at + self._limits.lit_settle_ms
                own.is_covered = is_waiting and not is_answered
        if phone.is_lamp_lit is not self._is_lit:
            self._is_lit, self._lamp_moved_at = phone.is_lamp_lit, at

    def _judge_presses(self) -> None:
        for pressed_at in self._unjudged:
            self._judge(pressed_at, is_to_mute=self._mute_text != self._texts["mute.unpressing"])
        self._unjudged.clear()

    def _judge(self, at: int, *, is_to_mute: bool) -> None:
        wish = self._wishes[is_to_mute]
        what = "to mute" if is_to_mute else "to end mute"
        wish.left -= 1
        if wish.left < 0:
            self._break(at, f"pressed {what} though it was not wished for")
        elif at - wish.at > WISH_MS:
            self._break(at, f"pressed {what} {at - wish.at} ms after it was wished for")
        if any(own.at <= at <= own.counts_at for own in self._own):
            self._crossed += 1
            return
        counted = [own for own in self._own if own.is_muted is not None and own.counts_at <= at]
        if not counted or counted[-1].is_muted is is_to_mute or wish.at >= counted[-1].at:
            return
        if counted[-1].is_covered or self._sequence.is_lying or not self._is_lamp_sensed:
            self._crossed += 1
        else:
            self._break(at, f"pressed {what} against the agent's own press at {counted[-1].at}")

    def _break(self, at: int, what: str) -> None:
        self._broken.append(f"{at} ms: {what}")
