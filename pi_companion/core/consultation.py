"""How does the customer's wait go? The hold table with its deadlines and the judging of answers (HOLD-1 to HOLD-4).

A real key hangs on this, so doubt never presses: only a clear consent, to this question, by this customer and not over
the agent's voice, counts. What may be one and is not clear is asked about (button), and so is anything short; anything
else waits.
"""

from collections.abc import Iterator

from pi_companion.core.answers import Answer, Meaning
from pi_companion.core.hold import HOLD, HOLD_START, Step, StepAct, StepInput
from pi_companion.core.limits import Hold


class Consultation:
    """Drives the table; every method returns the acts that the companion performs.

    `hears_answer` False: the customer's side is not tapped; the agent is asked for every answer.
    """

    def __init__(self, limits: Hold, *, hears_answer: bool = True) -> None:
        self._limits, self._hears_answer = limits, hears_answer
        self.step = HOLD_START
        self.began_at = 0
        self.waited_ms = self.longest_ms = 0
        self.left_at: int | None = None
        self._asked_until = 0
        self._answered_until = 0
        self._spoken_on_ms = 0
        self._may_be_refused = False
        self._due: int | None = None
        self._reminders: Iterator[int] = iter(())
        self._remind_at: int | None = None

    @property
    def wants_answer(self) -> bool:
        """Whether the customer's words are listened to for consent or refusal."""
        return self.step in {Step.ASKED, Step.UNCLEAR, Step.MUTING}

    def asked(self, ended: int, *, began: int | None = None) -> None:
        """Note the question, or what the agent said after it from `began` on: answers begin where it ended."""
        if self.step not in {Step.ASKED, Step.UNCLEAR}:
            return
        if began is not None:
            spoken_ms = max(0, ended - max(began, self._asked_until))
            # What is said in the breath of the question is mostly its end (…，好吗): it counts half.
            self._spoken_on_ms += spoken_ms // 2 if began < self._asked_until else spoken_ms
        self._asked_until = max(self._asked_until, ended)
        if self.step is Step.ASKED:
            self._due = self._asked_until + self._limits.answer_ms

    def answer(self, at: int, answer: Answer, *, is_agent_talking: bool) -> tuple[StepAct, ...]:
        """Judge what the customer has just said."""
        if answer.meaning is Meaning.REFUSAL:
            return self.feed(at, StepInput.REFUSED)
        if answer.ended <= self._asked_until or is_agent_talking:
            return ()  # a hm during the question is no answer
        is_going_on = self._answered_until > self._asked_until
        self._answered_until = answer.ended
        self._may_be_refused = self._may_be_refused or answer.may_refuse
        is_late_enough = answer.consented_at is None or answer.consented_at > self._asked_until
        if answer.meaning is Meaning.CONSENT and is_late_enough and self._is_clear(answer, is_going_on=is_going_on):
            return self.feed(at, StepInput.CONSENTED)
        is_short = answer.ended - answer.began <= self._limits.short_answer_ms
        if is_short or (answer.meaning in {Meaning.CONSENT, Meaning.UNSURE} and is_late_enough):
            return self.feed(at, StepInput.UNCLEAR_ANSWER)
        return ()

    def _is_clear(self, answer: Answer, *, is_going_on: bool) -> bool:
        """Whether words of consent are beyond doubt: whole, all that was said, to this question, by this customer.

        `is_going_on`: they have said something to it before, in which the start may be (不 … 可以).
        """
        limits = self._limits
        has_start = not is_going_on and answer.began - self._asked_until >= limits.clear_start_ms
        return (
            (has_start or not answer.may_lack_start)
            and answer.ended - answer.began <= limits.syllable_ms * answer.syllables
            and answer.quieter_by_db <= limits.quieter_db
            and self._spoken_on_ms <= limits.follow_up_ms
            and not self._may_be_refused
        )

    def feed(self, at: int, happening: StepInput) -> tuple[StepAct, ...]:
        """Move the machine."""
        cell = HOLD[self.step][happening]
        has_moved = cell.next is not self.step
        self.step = cell.next
        if has_moved or cell.acts:
            self._arm(at)
        for act in cell.acts:
            if act is StepAct.BEGIN:
                self.began_at, self.left_at = at, None
                self._reminders = iter(self._limits.remind_ms)
                self._remind_next()
            elif act is StepAct.END:
                waited_ms = (at if self.left_at is None else self.left_at) - self.began_at
                self.waited_ms += waited_ms
                self.longest_ms = max(self.longest_ms, waited_ms)
                self._remind_at = None
        if happening is StepInput.REQUESTED and self.step is Step.ASKED and not self._hears_answer:
            return cell.acts + self.feed(at, StepInput.UNCLEAR_ANSWER)
        return cell.acts

    def customer_leaves(self, at: int) -> None:
        """The exchange says that the customer has hung up: nobody waits any more, nobody is owed an apology."""
        if self.step is Step.WAITING and self.left_at is None:
            self.left_at, self._remind_at = at, None

    def deadline(self) -> int | None:
        """Return when an answer is overdue or the agent is to be reminded."""
        due = [time for time in (self._due, self._remind_at) if time is not None]
        return min(due) if due else None

    def pass_deadline(self, at: int) -> tuple[tuple[StepAct, ...], int | None]:
        """Return the acts of an overdue answer, and the waiting time in ms of a reminder that is due."""
        acts: tuple[StepAct, ...] = ()
        reminder = None
        if self._due is not None and at >= self._due:
            self._due = None
            acts = self.feed(at, StepInput.TIMED_OUT)
        if self._remind_at is not None and at >= self._remind_at:
            reminder = self._remind_at - self.began_at
            self._remind_next()
        return acts, reminder

    def _arm(self, at: int) -> None:
        if self.step is Step.ASKED:
            self._asked_until = self._spoken_on_ms = 0
            self._may_be_refused = False
            self._due = at + self._limits.answer_ms
        elif self.step is Step.UNCLEAR:
            self._due = at + self._limits.confirm_ms + (0 if self._hears_answer else self._limits.answer_ms)
        else:
            self._due = None

    def _remind_next(self) -> None:
        after_ms = next(self._reminders, None)
        self._remind_at = None if after_ms is None else self.began_at + after_ms
