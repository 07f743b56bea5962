"""Was a phrase of the pack said? Streaming approximate matching of syllables, revisable as the recogniser revises.

Where there is a second recogniser, that knows only the pack's phrases and single syllables, both must have heard the
phrase in the same place and well enough together: what one makes up, the other does not. A polite form around it,
heard by either, excuses it. Law 9: the syllables live here, in memory, until the next utterance.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from pi_companion.core.alignment import (
    EXCUSE_SLACK_PM,
    FILLERS,
    Entry,
    Fit,
    Syllable,
    entry,
    fits,
    is_same_fault,
    spelled,
    whole_fit,
)
from pi_companion.core.begun import Begun, Courtesy
from pi_companion.core.facts import Word
from pi_companion.core.limits import Spotting
from pi_companion.core.settings import Rule, Scope

_CONTEXT_SYLLABLES: Final = 60  # more than any phrase; bounds memory where pauses stay short

_SAME_PLACE_MS: Final = 400  # word times of two recognisers differ by this much; those of partial results are estimates

_LATE_MS: Final = 1000  # that somebody talks is known a moment after they began, later still on a busy machine

_EXCUSE_NEAR_MS: Final = 80  # less than a syllable: a polite form that only begins alike excuses nothing


@dataclass(frozen=True, slots=True, kw_only=True)
class Match:
    """A phrase of `rule`, said from `began` to `ended`.

    `score_pm`: likeness in per mille, the mean of two recognisers.
    """

    rule: Rule
    phrase: str
    began: int
    ended: int
    score_pm: int


Counts = Callable[[Rule], bool]
"""Whether a rule holds at this moment of the call."""


def _always(_rule: Rule) -> bool:
    return True


class Spotter:
    """Listens to one side for the given rules; `hear` for every hypothesis, `end` when the utterance is over."""

    def __init__(self, rules: Iterable[Rule], limits: Spotting) -> None:
        self._limits = limits
        rules = tuple(rules)
        faults = [entry(rule, phrase, limits, is_excuse=False) for rule in rules for phrase in rule.phrases]
        self._whole = [each for each in faults if each.rule.scope is Scope.WHOLE_UTTERANCE]
        self._begun = Begun(each for each in faults if each.rule.scope is not Scope.WHOLE_UTTERANCE)
        self._excuses = {
            id(rule): [entry(rule, phrase, limits, is_excuse=True) for phrase in rule.excused_by]
            for rule in rules
            if rule.scope is not Scope.WHOLE_UTTERANCE
        }
        self._has_second = False
        self._second: list[list[Syllable]] = []
        self._second_fits: dict[int, list[tuple[list[Syllable], Fit]]] = {}
        self._courtesies: dict[int, Courtesy] = {}
        self.forget()

    def begin(self, began: int) -> None:
        """A new utterance starts; what was said just before still counts as context if the pause was short."""
        is_bridged = bool(self._heard) and began - self._heard[-1].ended <= self._limits.bridge_ms
        if is_bridged and len(self._heard) < _CONTEXT_SYLLABLES:
            self._fresh_from = self._fixed = len(self._heard)
        else:
            self.forget()
        self._is_over = False
        self._second = []
        self._second_fits.clear()
        self._courtesies.clear()
        self._fired: list[Fit] = []
        self._seen: list[Fit] = []

    def hear(
        self,
        words: Sequence[Word],
        *,
        is_final: bool,
        second: Sequence[Sequence[Word]] = (),
        counts: Counts = _always,
    ) -> tuple[Match, ...]:
        """Take the hypothesis since the last final one; return what has now certainly been said.

        `second`: what the second recogniser makes of the whole utterance so far, its best hypothesis first.

        A fit in a partial hypothesis must show in two in a row, or have something said after it: hypotheses
        are revised at their end. It also waits while a polite form around it may still be on its way.
        """
        self._second = [spelled(hypothesis) for hypothesis in second]
        self._second_fits.clear()
        self._courtesies.clear()
        self._has_second = self._has_second or bool(second)
        self._resume(spelled(words))
        if is_final:
            self._fixed = len(self._heard)
        end = len(self._heard) - 1
        found = self._found()
        certain = [
            (fit, score_pm)
            for fit in found
            if (is_final or fit.last < end or fit in self._seen)
            and counts(fit.entry.rule)
            and (score_pm := self._likeness(fit, is_final=is_final))
            and (is_final or not self._may_be_excused_yet(fit))
        ]
        self._seen = found
        return self._fire(certain)

    def end(self, *, counts: Counts = _always) -> tuple[Match, ...]:
        """The utterance is over: return what counts only as a whole utterance."""
        self._is_over = True
        found = [whole_fit(each, self._heard, self._fresh_from) for each in self._whole if counts(each.rule)]
        scored = [(fit, self._likeness(fit, is_final=True)) for fit in found if fit is not None]
        return self._fire([(fit, score_pm) for fit, score_pm in scored if score_pm])

    def pass_time(self, at: int) -> None:
        """Forget what was said once no utterance can go on from it (law 9)."""
        if self._is_over and (not self._heard or at - self._heard[-1].ended > self._limits.bridge_ms + _LATE_MS):
            self.forget()

    def forget(self) -> None:
        """Forget everything that was said (law 9)."""
        self._is_over = False
        self._heard: list[Syllable] = []
        self._second = []
        self._begun.cut(0)
        self._fixed = self._fresh_from = 0
        self._second_fits.clear()
        self._courtesies.clear()
        self._fired = []
        self._seen = []

    def _resume(self, heard: list[Syllable]) -> None:
        same = 0
        old = self._heard[self._fixed :]
        for was, now in zip(old, heard, strict=False):
            if (was.sound, was.word) != (now.sound, now.word):
                break
            same += 1
        keep = self._fixed + same
        self._heard[self._fixed :] = heard
        self._begun.cut(keep)
        for syllable in self._heard[keep:]:
            self._begun.go_on(syllable)

    def _found(self) -> list[Fit]:
        return self._begun.found(self._fresh_from)

    # Is it enough?

    def _likeness(self, fit: Fit, *, is_final: bool) -> int:
        """Return how well a phrase was heard, by both recognisers where there are two; 0: not well enough.

        The second one is eager to complete a phrase: until the end it must have gone on to something else, unless
        the first one heard the phrase well.
        """
        needed, place = fit.entry, self._heard[fit.last]
        if needed.phrase.literal:
            # A single syllable is misheard easily: only at the start of an utterance, and spelled in pinyin
            # (wei: 为, 维 or 喂) only where nothing else was said.
            is_all = is_final and self._count(len(self._heard)) <= 1
            if self._count(fit.first) or (place.word.isascii() and not is_all):
                return 0
        is_well_heard = fit.score_pm >= needed.least_pm
        if not self._has_second:
            return fit.score_pm if is_well_heard else 0
        agreeing = (
            (fit.score_pm + other.score_pm) // 2
            for heard, other in self._heard_by_second(needed)
            if needed.is_agreed(fit.score_pm, other.score_pm)
            and abs(heard[other.last].ended - place.ended) <= _SAME_PLACE_MS
            and (is_final or is_well_heard or other.last < len(heard) - 1)
            and not (needed.phrase.literal and _spoken(heard[: other.first]))
            and (not needed.is_short or self._is_clear(fit, heard, other))
        )
        return max(agreeing, default=0)

    def _is_clear(self, fit: Fit, heard: Sequence[Syllable], other: Fit) -> bool:
        """Whether a short phrase stands as whole words after a syllable on which both recognisers agree.

        Where they do not know what is said, both make up such phrases.
        """
        if fit.first < self._fresh_from:
            return False  # begun in the utterance before
        before = self._heard[fit.first - 1].sound if fit.first > self._fresh_from else ""
        before_other = heard[other.first - 1].sound if other.first else ""
        is_whole = self._heard[fit.first].is_first and self._heard[fit.last].is_last
        return is_whole and before == before_other

    def _heard_by_second(self, wanted: Entry) -> list[tuple[list[Syllable], Fit]]:
        """Return where the second recogniser heard a phrase, in each of its hypotheses."""
        known = self._second_fits.get(id(wanted))
        if known is None:
            is_whole = wanted.rule.scope is Scope.WHOLE_UTTERANCE
            known = [
                (heard, fit)
                for heard in self._second
                for fit in ([whole_fit(wanted, heard)] if is_whole else fits(wanted, heard))
                if fit is not None
            ]
            self._second_fits[id(wanted)] = known
        return known

    # Is it excused?

    def _may_be_excused_yet(self, fit: Fit) -> bool:
        """Whether a polite form that began no later than the fit has come so far well enough to excuse it."""
        for each in self._excuses[id(fit.entry.rule)]:
            column = self._courtesy(each).column
            if column is None:
                continue
            costs, starts = column
            most = (1000 - _least_excuse_pm(fit, each)) * each.places
            so_far = zip(costs[1:-1], starts[1:-1], strict=True)
            if any(cost <= most and start <= fit.first for cost, start in so_far):
                return True
        return False

    def _is_excused(self, fit: Fit) -> bool:
        """Whether a polite form was heard around it, by either recogniser."""
        began, ended = self._heard[fit.first].began, self._heard[fit.last].ended
        for each in self._excuses.get(id(fit.entry.rule), ()):
            least_pm = _least_excuse_pm(fit, each)
            if any(
                excuse.first <= fit.first and fit.last <= excuse.last and excuse.score_pm >= least_pm
                for excuse in self._courtesy(each).fits
            ):
                return True
            if any(
                excuse.score_pm >= least_pm
                and heard[excuse.first].began <= began + _EXCUSE_NEAR_MS
                and heard[excuse.last].ended >= ended - _EXCUSE_NEAR_MS
                for heard, excuse in self._heard_by_second(each)
            ):
                return True
        return False

    def _courtesy(self, excuse: Entry) -> Courtesy:
        """Look for a polite form in all that was heard: not before there is something to excuse."""
        known = self._courtesies.get(id(excuse))
        if known is None:
            known = self._courtesies[id(excuse)] = Courtesy(excuse, self._heard)
        return known

    def _count(self, end: int) -> int:
        return _spoken(self._heard[self._fresh_from : end])

    def _fire(self, certain: Sequence[tuple[Fit, int]]) -> tuple[Match, ...]:
        matches = []
        for fit, score_pm in sorted(certain, key=lambda each: _by_certainty(each[0])):
            if any(is_same_fault(fit, fired) for fired in self._fired) or self._is_excused(fit):
                continue
            self._fired.append(fit)
            matches.append(
                Match(
                    rule=fit.entry.rule,
                    phrase=fit.entry.phrase.text,
                    began=self._heard[fit.first].began,
                    ended=self._heard[fit.last].ended,
                    score_pm=score_pm,
                )
            )
        return tuple(sorted(matches, key=lambda match: (match.ended, match.began)))


def _spoken(heard: Iterable[Syllable]) -> int:
    return sum(syllable.sound not in FILLERS for syllable in heard)


def _by_certainty(fit: Fit) -> tuple[bool, int, int, int]:
    return fit.score_pm < fit.entry.least_pm, -fit.entry.places, fit.last, -fit.score_pm


def _least_excuse_pm(fit: Fit, excuse: Entry) -> int:
    """Return how well a polite form must be heard to excuse a fit."""
    slack_pm = fit.score_pm - EXCUSE_SLACK_PM
    return max(slack_pm, excuse.least_pm) if fit.score_pm >= fit.entry.least_pm else slack_pm
