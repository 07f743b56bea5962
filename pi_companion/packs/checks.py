"""Do the limits fit together? What must hold between two of them; each one's own bounds are in `core/settings.py`."""

from collections.abc import Iterator, Mapping
from itertools import pairwise
from typing import Final

from pi_companion.core.limits import CallTime, Hold, Mute, Pace, Ringing, Spotting
from pi_companion.schema import Check


def _ringing(limits: Ringing) -> Iterator[str]:
    if limits.green_to > limits.amber_to:
        yield f"green_to = {limits.green_to} is past amber_to = {limits.amber_to}; green comes first"
    if limits.burst_gap_ms >= limits.period_ms:
        yield f"burst_gap_ms = {limits.burst_gap_ms} must be less than period_ms = {limits.period_ms}"


def _pace(limits: Pace) -> Iterator[str]:
    if limits.slow_below_per_min >= limits.fast_above_per_min:
        yield (
            f"slow_below_per_min = {limits.slow_below_per_min} must be less than "
            f"fast_above_per_min = {limits.fast_above_per_min}"
        )
    elif not limits.slow_below_per_min <= limits.target_per_min <= limits.fast_above_per_min:
        yield (
            f"target_per_min = {limits.target_per_min} must lie in the band, "
            f"{limits.slow_below_per_min} to {limits.fast_above_per_min}"
        )


def _hold(limits: Hold) -> Iterator[str]:
    if any(later <= earlier for earlier, later in pairwise(limits.remind_ms)):
        yield f"remind_ms = {list(limits.remind_ms)} must rise"
    if limits.short_answer_ms > limits.answer_ms:
        yield f"short_answer_ms = {limits.short_answer_ms} must not be more than answer_ms = {limits.answer_ms}"


def _mute(limits: Mute) -> Iterator[str]:
    if limits.lit_settle_ms >= limits.confirm_ms:
        yield f"lit_settle_ms = {limits.lit_settle_ms} must be less than confirm_ms = {limits.confirm_ms}"


def _call_time(limits: CallTime) -> Iterator[str]:
    if limits.warn_ms >= limits.limit_ms:
        yield f"warn_ms = {limits.warn_ms} must be less than limit_ms = {limits.limit_ms}"


def _spotting(limits: Spotting) -> Iterator[str]:
    if not limits.least_score_pm:
        yield "least_score_pm is empty; it needs at least one threshold"
    if any(later > earlier for earlier, later in pairwise(limits.least_score_pm)):
        yield f"least_score_pm = {list(limits.least_score_pm)} must not rise: longer phrases are surer"


LIMIT_CHECKS: Final[Mapping[type, Check]] = {
    Ringing: _ringing,
    Pace: _pace,
    Hold: _hold,
    Mute: _mute,
    CallTime: _call_time,
    Spotting: _spotting,
}
