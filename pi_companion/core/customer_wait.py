"""How is a customer let wait? The MUTE key and the consultation, coupled (HOLD-1 to HOLD-5).

The consultation says what is wanted, the key what is proven; whatever the lamp shows is followed, never fought.
"""

from collections.abc import Callable, Iterable

from pi_companion.core import screens
from pi_companion.core.answers import Answer
from pi_companion.core.call import LineInput
from pi_companion.core.consultation import Consultation
from pi_companion.core.cues import Arbiter, Weight
from pi_companion.core.effects import CueShown, Effect, HoldChanged, MuteChanged, NudgeShown
from pi_companion.core.facts import TalkSpurtEnded
from pi_companion.core.hold import Step, StepAct, StepInput
from pi_companion.core.mute import UNDOING, KeyAct, KeyInput
from pi_companion.core.mutekey import MuteKey
from pi_companion.core.phrases import Match
from pi_companion.core.settings import Family, Pack, Station
from pi_companion.core.states import HoldState, MuteState


class CustomerWait:
    """Owns the key all the time and one consultation a call. `emit` takes effects, `move_line` the line's inputs."""

    def __init__(
        self,
        pack: Pack,
        station: Station,
        arbiter: Arbiter,
        emit: Callable[[Effect], None],
        move_line: Callable[[LineInput], None],
    ) -> None:
        self._limits, self._texts = pack.limits, pack.texts
        self._arbiter, self._emit, self._move_line = arbiter, emit, move_line
        self._now = self.muted_at = 0
        self._key, self._has_lamp = MuteKey(pack.limits.mute, station), station.mute_lamp
        self._hears_answer = station.customer_side
        self._shown: tuple[MuteState, str] | None = None
        self._asked_for: KeyAct | None = None
        self.begin_call()

    def begin_call(self) -> None:
        """Forget the last call's consultation; the key's state is not a call's."""
        self._hold = Consultation(self._limits.hold, hears_answer=self._hears_answer)
        self._returned_at: int | None = None
        self._owes_prompt, self.hint = False, ""
        self.apologies: list[bool] = []

    # What others ask

    @property
    def step(self) -> Step:
        """Where the consultation is."""
        return self._hold.step

    @property
    def waited_ms(self) -> int:
        """How long the customer has waited in finished waits of this call."""
        return self._hold.waited_ms

    @property
    def is_short(self) -> bool:
        """Whether no wait of this call needed a reminder (HOLD-4)."""
        return self._hold.longest_ms < min(self._limits.hold.remind_ms, default=0)

    @property
    def wants_answer(self) -> bool:
        """Whether the customer's words are listened to."""
        return self._hold.wants_answer

    @property
    def mute(self) -> MuteState:
        """The microphone as sensed."""
        return self._key.public

    @property
    def is_muted(self) -> bool:
        """Whether the lamp says muted."""
        return self._key.public is MuteState.MUTED

    @property
    def is_assumed_muted(self) -> bool:
        """Whether a phone without a lamp was pressed into what should be mute."""
        return self._key.is_assumed_muted

    @property
    def is_unmuting(self) -> bool:
        """Whether the press under way is to end mute."""
        return self._key.state in UNDOING

    @property
    def asks_for(self) -> KeyAct | None:
        """Which use of the phone's own key the agent is asked for."""
        return self._key.asks_for

    @property
    def is_consulting(self) -> bool:
        """Whether the customer is asked to wait, or waits."""
        return self.step not in {Step.NONE, Step.RETURNED}

    @property
    def is_covering(self) -> bool:
        """Whether nudges must wait because the wait or the microphone holds the screen."""
        is_telling = self.mute in {MuteState.PRESSING, MuteState.MUTED, MuteState.DISPUTED} or self.is_assumed_muted
        return self.is_consulting or is_telling or (self._has_lamp and self.asks_for is not None)

    @property
    def is_unheard(self) -> bool:
        """Whether the customer cannot be expected to hear the agent now."""
        return self.mute in {MuteState.MUTED, MuteState.PRESSING} or self.is_assumed_muted

    # What happens

    def lamp_moves(self, until: int) -> None:
        """The lamp has lit and will be believed at `until` at the soonest."""
        self._key.lamp_moves(until)

    def lamp(self, at: int, is_lit: bool) -> None:
        """The lamp has settled."""
        self._now = at
        self._emit_all(self._key.lamp(at, is_lit))
        self._follow_key()

    def lamp_lost(self, at: int) -> None:
        """The lamp's sense is gone: the microphone is unknown from now on."""
        self._now = at
        self._feed_key(KeyInput.LAMP_LOST)

    def button(self, at: int) -> None:
        """The resume button: back from the wait, or yes to an unclear answer."""
        self._now = at
        self._feed(StepInput.BUTTON)

    def said(self, at: int, matches: Iterable[Match]) -> None:
        """The agent has asked for a hold or apologised."""
        self._now = at
        for match in matches:
            if match.rule.family is Family.HOLD_REQUEST:
                self._feed(StepInput.REQUESTED)
                self._hold.asked(match.ended)
            elif self._key.is_assumed_muted:  # into a muted microphone, or after the agent's own press: never guess
                self.hint = self._texts["mute.still"]
                self._emit(CueShown(at=at, rule="HOLD-3", text=self.hint))
            else:
                self._feed(StepInput.APOLOGY_UNHEARD if self.is_unheard else StepInput.APOLOGY)

    def agent_paused(self, fact: TalkSpurtEnded, *, has_spoken: bool) -> None:
        """The agent's utterance is over; the first one after the return should have held the apology."""
        self._now = fact.at
        self._hold.asked(fact.ended, began=fact.began)
        is_back = self._returned_at is not None and fact.began >= self._returned_at
        if is_back and has_spoken and self.step is Step.RETURNED and not self.is_muted:
            self._feed(StepInput.NO_APOLOGY)

    def answered(self, at: int, answer: Answer, report: Callable[[], None], *, is_agent_talking: bool) -> None:
        """The customer has said something; `report` is called first if it is taken for consent or refusal."""
        self._now = at
        if not self.wants_answer:
            return
        acts = self._hold.answer(at, answer, is_agent_talking=is_agent_talking)
        if {StepAct.CONSENT, StepAct.REFUSE} & set(acts):
            report()
        self._act(acts)

    def customer_leaves(self, at: int) -> None:
        """The exchange's tone: the customer has hung up."""
        self._hold.customer_leaves(at)
        self.hint = ""

    def hang_up(self, at: int) -> None:
        """The call is over: nothing is pressed, nothing is assumed about the next one."""
        self._now = at
        self._feed(StepInput.ON_HOOK)
        self._owes_prompt = False
        self._feed_key(KeyInput.ON_HOOK)

    def deadline(self) -> int | None:
        """Return the next time something here is due."""
        dues = (self._key.deadline(), self._hold.deadline())
        return min((due for due in dues if due is not None), default=None)

    def pass_deadline(self, at: int) -> None:
        """Do what is due."""
        self._now = at
        self._emit_all(self._key.pass_deadline(at))
        self._follow_key()
        acts, reminder_ms = self._hold.pass_deadline(at)
        self._act(acts)
        if reminder_ms is not None:
            self.hint = self._texts["hold.remind"].replace("{seconds}", str(reminder_ms // 1000))
            self._emit(NudgeShown(at=at, rule="HOLD-4", text=self.hint))

    # Inside

    def _emit_all(self, effects: Iterable[Effect]) -> None:
        for effect in effects:
            self._emit(effect)

    def _feed_key(self, happening: KeyInput) -> None:
        self._emit_all(self._key.feed(self._now, happening))
        self._follow_key()

    def _follow_key(self) -> None:
        """Report where the key is now, and let the consultation know."""
        key = self._key
        shown = self._mute_text()
        if (key.public, shown) != self._shown:
            was_muted = self._shown is not None and self._shown[0] is MuteState.MUTED
            self._shown = key.public, shown
            self._emit(MuteChanged(at=self._now, state=key.public, shown=shown))
            if self.is_muted and not was_muted:
                self.muted_at = self._now
            if self.is_muted or key.is_assumed_muted:
                self._feed(StepInput.MUTE_ON)
            elif key.public is MuteState.LIVE:
                self._feed(StepInput.MUTE_OFF)
        if key.asks_for is not self._asked_for:
            self._asked_for = key.asks_for
            if key.asks_for is not None:
                text = self._texts["mute.by_hand_live" if key.asks_for is KeyAct.ASK_LIVE else "mute.by_hand"]
                self._emit(CueShown(at=self._now, rule="HOLD-5", text=text))
        if key.asks_for is not None:
            self._feed(StepInput.MUTE_FAILED)
        if self._owes_prompt and key.public not in {MuteState.PRESSING, MuteState.MUTED}:
            self._owes_prompt = False
            line = self._texts["hold.apologise"]
            self._emit_all(self._arbiter.prompt(self._now, "HOLD-3", line, screens.script(self._texts, line)))

    def _mute_text(self) -> str:
        match self.mute:
            case MuteState.MUTED:
                return self._texts["mute.muted"]
            case MuteState.PRESSING:
                return self._texts["mute.unpressing" if self.is_unmuting else "mute.pressing"]
            case MuteState.DISPUTED:
                return self._texts["mute.unsure"]
            case MuteState.UNKNOWN if self.is_assumed_muted or self.step is Step.WAITING:
                return self._texts["mute.unsure"]
            case MuteState.UNKNOWN | MuteState.LIVE:
                return ""

    def _feed(self, happening: StepInput) -> None:
        self._act(self._hold.feed(self._now, happening))

    def _act(self, acts: Iterable[StepAct]) -> None:
        for act in acts:
            self._do(act)

    def _do(self, act: StepAct) -> None:
        match act:
            case StepAct.ASK:
                self._emit(HoldChanged(at=self._now, state=HoldState.REQUESTED))
                if self._hears_answer:
                    self._emit(CueShown(at=self._now, rule="HOLD-1", text=self._texts["hold.waiting"]))
            case StepAct.CONSENT:
                self._emit(HoldChanged(at=self._now, state=HoldState.CONSENTED))
            case StepAct.REFUSE:
                self._emit(HoldChanged(at=self._now, state=HoldState.REFUSED))
                self._cue("hold.refused", self._texts["hold.refused_hint"])
            case StepAct.ASK_BUTTON:
                self._emit(CueShown(at=self._now, rule="HOLD-2", text=self._texts["hold.unclear"]))
            case StepAct.ASK_AGAIN:
                again = "hold.ask_again" if self._hears_answer else "one_side.not_muted"
                self._cue(again, self._texts[f"{again}_say"])
            case StepAct.WANT_MUTE:
                self._feed_key(KeyInput.MUTE_WANTED)
            case StepAct.WANT_LIVE:
                self._feed_key(KeyInput.LIVE_WANTED)
            case StepAct.BEGIN:
                self.hint = ""
                self._emit(HoldChanged(at=self._now, state=HoldState.BEGAN))
                self._move_line(LineInput.HOLD_BEGAN)
            case StepAct.END:
                for_ms = (self._hold.left_at or self._now) - self._hold.began_at
                self._emit(HoldChanged(at=self._now, state=HoldState.ENDED, for_ms=for_ms))
                self._move_line(LineInput.HOLD_ENDED)
            case StepAct.OWE_APOLOGY:
                self._owes_prompt, self.hint = self._hold.left_at is None, ""
                self._returned_at = self._now if self._owes_prompt else None
                self._follow_key()
            case StepAct.THANK | StepAct.MISS_APOLOGY:
                if self._hold.left_at is None:
                    self.apologies.append(act is StepAct.THANK)
                self._owes_prompt = False
                self._arbiter.drop("HOLD-3")
                if act is StepAct.THANK:
                    self._praise()
            case StepAct.NUDGE_APOLOGY:
                title, say = self._texts["nudge.hold_apology.title"], self._texts["hold.apologise"]
                self._arbiter.offer(screens.nudge_of("HOLD-3", title, say, weight=Weight.EXEMPT))

    def _praise(self) -> None:
        """The apology was said; a wait that needed no reminder is praised with it (HOLD-4)."""
        text = self._texts["praise.apology"] + (f"，{self._texts['praise.hold']}" if self.is_short else "")
        self._emit_all(self._arbiter.praise(self._now, "HOLD-3", text, screens.praise(text)))

    def _cue(self, title_id: str, say: str) -> None:
        title = self._texts[title_id]
        self._emit_all(self._arbiter.cue(self._now, "HOLD-2", title, screens.nudge(title, say)))
