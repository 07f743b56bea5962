"""What do the words and pauses of this call mean? Spurts and words of both sides become phrases, pace and nudges.

Keeps law 9: words pass through; only rule ids, times and counts stay. While the lamp says muted the agent speaks
to a colleague: nothing is coached then but the apology that ends the wait.
"""

from collections.abc import Callable
from dataclasses import replace
from typing import Final

from pi_companion.core import screens
from pi_companion.core.answers import Answer, AnswerListener, Meaning
from pi_companion.core.card import CallRecord
from pi_companion.core.cues import Arbiter, Weight
from pi_companion.core.effects import Effect, LevelMeasured, PaceMeasured, PhraseNoted, PhraseSpotted, SpurtReported
from pi_companion.core.facts import Side, TalkSpurtBegan, TalkSpurtEnded, WordsHeard
from pi_companion.core.observing import Spotted
from pi_companion.core.opening import Finding
from pi_companion.core.phrases import Match, Spotter
from pi_companion.core.settings import NOTED, Family, Pack, Rule, Scope

Emit = Callable[[Effect], None]

_ANSWERS: Final = frozenset({Family.CONSENT, Family.REFUSAL})  # weighed by `core/answers.py`


class Coach:
    """Listens during a call. `emit` takes effects, `observe` the phrases that were spotted."""

    def __init__(self, pack: Pack, arbiter: Arbiter, emit: Emit, observe: Callable[[Spotted], None]) -> None:
        self._pack = pack
        self._arbiter = arbiter
        self._emit = emit
        self._observe = observe
        customers = [rule for rule in pack.rules if rule.side is Side.CUSTOMER and rule.family not in _ANSWERS]
        self._customer_phrases = Spotter(customers, pack.limits.spotting)
        self._agent = Spotter([rule for rule in pack.rules if rule.side is Side.AGENT], pack.limits.spotting)
        self._customer = AnswerListener(pack)
        self._levels: dict[Side, int] = {}
        self._chars = 0
        self._is_muted_speech = False
        self.is_agent_talking = self._is_customer_talking = False
        self.record: CallRecord | None = None

    def begin_call(self, record: CallRecord) -> None:
        """A call begins; speech that is already going on belongs to it."""
        self.record = record
        self._levels.clear()
        self._customer.forget()
        if self.is_agent_talking and record.opening:
            record.opening.talks()

    def ask_late_apology(self, at: int) -> None:
        """Picked up late: the apology comes before anything else, and stays up while its being said can be heard."""
        screen = screens.apologise(self._pack.texts)
        show = self._arbiter.prompt if self.record and self.record.is_heard else self._arbiter.cue
        for effect in show(at, "RING-2", "：".join(screen.lines), screen):
            self._emit(effect)

    def end_call(self) -> None:
        """The call is over: what was said in it is forgotten, and nothing said later belongs to it."""
        self.record = None
        self._agent.forget()
        self._customer.forget()
        self._customer_phrases.forget()

    def deadline(self) -> int | None:
        """Return when the greeting is due or the first utterance is over."""
        return self.record.opening.deadline() if self.record and self.record.opening else None

    def pass_deadline(self, at: int) -> None:
        """Act on what the opening check finds out; forget what nobody can go on from."""
        self._agent.pass_time(at)
        self._customer_phrases.pass_time(at)
        for finding in self.record.opening.pass_deadline(at) if self.record and self.record.opening else ():
            self._finding(at, finding)

    def spurt_began(self, fact: TalkSpurtBegan, *, is_muted: bool) -> None:
        """A side starts an utterance; what begins muted is said to a colleague to its end."""
        if fact.side is Side.CUSTOMER:
            self._is_customer_talking = True
            self._customer.begin()
            self._customer_phrases.begin(fact.began)
            return
        self.is_agent_talking = True
        self._agent.begin(fact.began)
        self._chars, self._is_muted_speech = 0, is_muted
        if self.record and self.record.opening and not self.record.opening.is_over:
            self.record.opening.talks()

    def agent_words(self, fact: WordsHeard, *, is_muted: bool) -> tuple[Match, ...]:
        """Report what the agent has said; return the matches that move the consultation."""
        if self.record is None:
            self._agent.forget()
            return ()
        if fact.is_final and not is_muted:
            self._chars += sum(len(word.syllables) for word in fact.words)

        def counts(rule: Rule) -> bool:
            return self._counts(rule, is_muted=is_muted)

        matches = self._agent.hear(fact.words, is_final=fact.is_final, second=fact.second, counts=counts)
        return self._take(fact.at, matches)

    def customer_words(self, fact: WordsHeard, *, is_answer: bool) -> None:
        """Report what the customer has said; `is_answer`: keep what it may mean until the utterance ends."""
        if is_answer:
            self._customer.hear(fact)
        if self.record is None:
            self._customer_phrases.forget()
            return
        for match in self._customer_phrases.hear(fact.words, is_final=fact.is_final, counts=self._is_of_this_call):
            self._spot(fact.at, match)

    def agent_paused(self, fact: TalkSpurtEnded, *, is_muted: bool) -> tuple[Match, ...]:
        """Close the agent's utterance; return the matches that move the consultation."""
        self.is_agent_talking = False
        record = self.record
        if record is None:
            return ()
        self._report(fact)
        matches = self._take(fact.at, self._agent.end(counts=lambda rule: self._counts(rule, is_muted=is_muted)))
        if record.opening and not record.opening.is_over:
            record.opening.pauses(fact.at, fact.ended, is_speech=bool(self._chars) or not record.is_heard)
        if not is_muted and not self._is_muted_speech:
            record.pace.spurt(fact.began, fact.ended, recognised=self._chars, nuclei=fact.nuclei)
            self._measure_pace(fact.at, record)
        return matches

    @property
    def has_spoken(self) -> bool:
        """Whether the agent's last utterance held words."""
        return self._chars > 0

    def customer_paused(self, fact: TalkSpurtEnded, *, is_cut: bool) -> Answer:
        """Close the customer's utterance; return it as an answer, whether or not one is wanted.

        `is_cut`: sound was lost in it. Consent may then be half of something else.
        """
        self._is_customer_talking = False
        if self.record is not None:
            self._report(fact)
            for match in self._customer_phrases.end(counts=self._is_of_this_call):
                self._spot(fact.at, match)
        answer = self._customer.close(fact)
        is_half = is_cut and answer.meaning is Meaning.CONSENT
        return replace(answer, meaning=Meaning.UNSURE) if is_half else answer

    def report_answer(self, at: int, answer: Answer) -> None:
        """Report the words that were taken for consent or refusal, as the pack has them."""
        for match in answer.matches[:1]:
            self._spot(at, match)

    def _finding(self, at: int, finding: Finding) -> None:
        if finding is Finding.OVER:
            self._arbiter.drop("RING-2")
            if self.record and self.record.opening and self.record.opening.is_praised:
                text = self._pack.texts["praise.apology"]
                for effect in self._arbiter.praise(at, "RING-2", text, screens.praise(text)):
                    self._emit(effect)
        elif self.record and self.record.is_heard:
            self._nudge("OPEN-1", self._pack.texts["nudge.greeting.title"], self._pack.texts["nudge.greeting.say"])

    def _nudge(self, rule: str, title: str, say: str = "", *, heard: str = "", weight: Weight = Weight.NOW) -> None:
        self._arbiter.offer(screens.nudge_of(rule, title, say, heard=heard, weight=weight))

    def _counts(self, rule: Rule, *, is_muted: bool) -> bool:
        if (is_muted and rule.family is not Family.APOLOGY) or not self._is_of_this_call(rule):
            return False
        is_opening = bool(self.record and self.record.opening and not self.record.opening.is_over)
        match rule.scope:
            case Scope.FIRST_UTTERANCE:
                return is_opening
            case Scope.AFTER_OPENING:
                return not is_opening
            case Scope.CALL | Scope.WHOLE_UTTERANCE:
                return True

    def _is_of_this_call(self, rule: Rule) -> bool:
        """Whether a rule can hold in this call: the script for calling out is of no use in an answered one."""
        is_answered = self.record is not None and self.record.opening is not None
        return not (is_answered and rule.family in {Family.OUTBOUND, Family.WRONG_PERSON})

    def _take(self, at: int, matches: tuple[Match, ...]) -> tuple[Match, ...]:
        record = self.record
        if record is None:
            return ()
        moving = []
        for match in matches:
            if match.ended <= record.connected_at:
                continue  # said to a colleague, before the call was picked up
            if len(match.phrase) == 1 and self._is_customer_talking:
                continue  # a listener's 嗯, misheard: nobody calls out 喂 to somebody who is talking
            self._spot(at, match)
            opening, rule = record.opening, match.rule
            match rule.family:
                case Family.GREETING if opening:
                    opening.is_greeted = True
                case Family.APOLOGY if opening and rule.scope is Scope.FIRST_UTTERANCE:
                    opening.is_apologised = True
                    self._arbiter.drop("RING-2")
                case Family.APOLOGY | Family.HOLD_REQUEST:
                    moving.append(match)
                case Family.CLOSING:
                    record.closed_at = match.ended
                case Family.TABOO | Family.PROMISE | Family.OPENING_TABOO:
                    record.faults += 1
                    record.note(rule.id, is_good=False)
                    if opening and rule.family is Family.OPENING_TABOO:
                        opening.is_fault = True
                    self._nudge(rule.id, rule.title, rule.say, heard=match.phrase)
                case _:
                    pass
        return tuple(moving)

    def _spot(self, at: int, match: Match) -> None:
        rule, began, ended = match.rule, match.began, match.ended
        is_part_of_script = rule.family is Family.CLOSING and rule.id == "OPEN-3"  # a goodbye to nobody
        if rule.family in NOTED or is_part_of_script:
            self._emit(PhraseNoted(at=at, rule=rule.id, side=rule.side, phrase=match.phrase, began=began, ended=ended))
        else:
            self._emit(
                PhraseSpotted(
                    at=at,
                    rule=rule.id,
                    side=rule.side,
                    phrase=match.phrase,
                    began=began,
                    ended=ended,
                    score_pm=match.score_pm,
                )
            )
        self._observe(Spotted(at=at, match=match))

    def _report(self, fact: TalkSpurtEnded) -> None:
        self._levels[fact.side] = fact.level_dbfs
        self._emit(SpurtReported(at=fact.at, side=fact.side, began=fact.began, ended=fact.ended))
        agent, customer = self._levels.get(Side.AGENT), self._levels.get(Side.CUSTOMER)
        self._emit(LevelMeasured(at=fact.at, agent_dbfs=agent, customer_dbfs=customer))

    def _measure_pace(self, at: int, record: CallRecord) -> None:
        limits = self._pack.limits.pace
        reading = record.pace.recent() if self._chars else None
        if reading is None:
            return
        self._emit(PaceMeasured(at=at, chars_per_min=reading.chars_per_min, over_ms=reading.over_ms, rate=limits.rate))
        is_fast = reading.chars_per_min > limits.fast_above_per_min
        is_slow = reading.chars_per_min < limits.slow_below_per_min
        is_sustained = reading.over_ms >= limits.sustained_ms
        if is_sustained:
            record.note("VOICE-1", is_good=not is_fast and not is_slow)
        if is_sustained and (is_fast or is_slow):
            title = self._pack.texts["nudge.pace_fast.title" if is_fast else "nudge.pace_slow.title"]
            self._nudge("VOICE-1", title, weight=Weight.PATIENT)
        else:
            self._arbiter.drop("VOICE-1")
