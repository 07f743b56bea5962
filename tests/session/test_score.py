"""Scoring: what counts as found, missed and invented, on streams small enough to check by eye."""

import io
import json
from collections.abc import Iterable
from itertools import combinations
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.console import Console

from pi_companion.session.folder import load
from pi_companion.session.matching import Row, is_within, pairs, percentile
from pi_companion.session.mutescore import MuteScore
from pi_companion.session.pacescore import CardPace, PaceScore, ReadingPace
from pi_companion.session.score import Score, as_json, as_table, combine, score

Event = dict[str, Any]
TESTS = Path(__file__).parents[1]
CALLS = sorted([*TESTS.glob("calls/0*"), *TESTS.parent.glob("pi_companion/bench/calls/0*")])


def event(at: int, kind: str, **fields: object) -> Event:
    return {"at": at, "kind": kind, **fields}


def phrase(at: int, rule: str = "OPEN-1", side: str = "agent", said: tuple[int, int] | None = None) -> Event:
    """A detection known at `at`; `said` from and to, by default just before."""
    began, ended = said or (at - 600, at - 100)
    return event(at, "phrase", rule=rule, side=side, phrase="…", began=began, ended=ended, score=1.0)


def said(began: int, ended: int, rule: str = "OPEN-1", side: str = "agent") -> Event:
    """A truth."""
    return event(ended, "phrase", rule=rule, side=side, phrase="…", began=began, ended=ended)


def hold(at: int, state: str) -> Event:
    return event(at, "hold", state=state)


def mute(at: int, state: str, shown: str = "") -> Event:
    return event(at, "mute", state=state, shown=shown)


def press(at: int) -> Event:
    return event(at, "mute_key", action="press")


def turn(began: int, ended: int, chars: int, side: str = "agent") -> Event:
    return event(began, "turn", side=side, began=began, ended=ended, text="…", chars=chars)


def pace(at: int, chars_per_min: int, over_ms: int, rate: str = "speaking") -> Event:
    return event(at, "pace", chars_per_min=chars_per_min, over_ms=over_ms, rate=rate)


def rows(stream: list[Event], truth: list[Event]) -> tuple[Row, ...]:
    return score(stream, truth).rows


def row(kind: str = "phrase", name: str = "OPEN-1", side: str = "agent", **counts: Any) -> Row:  # noqa: ANN401 - fields of Row
    return Row(kind=kind, name=name, side=side, **counts)


# Matching

HIT, MISS_AND_FALSE_ALARM = (1, 0, 0), (0, 1, 1)


@pytest.mark.parametrize(
    ("at", "counts"),
    [
        (9499, MISS_AND_FALSE_ALARM),
        (9500, HIT),
        (9501, HIT),
        (12999, HIT),
        (13000, HIT),
        (13001, MISS_AND_FALSE_ALARM),
    ],
    ids=["501 early", "500 early", "499 early", "1999 late", "2000 late", "2001 late"],
)
def test_a_detection_counts_from_500_ms_before_the_truth_began_to_2000_ms_after_it_ended(
    at: int, counts: tuple[int, int, int]
) -> None:
    [found] = rows([phrase(at)], [said(10000, 11000)])

    assert (found.hits, found.misses, found.false_alarms) == counts


def test_latency_is_counted_from_the_end_of_the_truth_and_may_be_negative() -> None:
    found = rows([phrase(10800), phrase(20700)], [said(10000, 11000), said(19000, 20000)])

    assert found == (row(hits=2, latencies_ms=(-200, 700)),)


def test_a_truth_is_matched_only_once() -> None:
    found = rows([phrase(11200), phrase(11300)], [said(10000, 11000)])

    assert found == (row(hits=1, false_alarms=1, latencies_ms=(200,)),)


def test_a_detection_is_matched_only_once() -> None:
    found = rows([phrase(11200, said=(10000, 11000))], [said(10000, 11000), said(11100, 11900)])

    assert found == (row(hits=1, misses=1, latencies_ms=(200,)),)


def test_a_lone_detection_belongs_to_the_truth_it_was_said_at_not_to_the_nearest_end() -> None:
    truths = [said(10000, 11000), said(11500, 12000)]

    first, second = (rows([phrase(11900, said=span)], truths) for span in ((10000, 11000), (11500, 12000)))

    assert (first, second) == (
        (row(hits=1, misses=1, latencies_ms=(900,)),),
        (row(hits=1, misses=1, latencies_ms=(-100,)),),
    )


def test_more_hits_go_before_nearer_hits() -> None:
    # 12900 is nearest to the second truth, but the second detection can belong to nothing else.
    found = rows([phrase(12900), phrase(14100)], [said(10000, 11000), said(12000, 12700)])

    assert found == (row(hits=2, latencies_ms=(1400, 1900)),)


def test_pairs_keep_the_order_of_time_however_the_truths_are_listed() -> None:
    found = rows([phrase(11100), phrase(12200)], [said(11500, 12000), said(10000, 11000)])

    assert found == (row(hits=2, latencies_ms=(100, 200)),)


@given(
    ends=st.lists(st.integers(0, 20000), max_size=5).map(sorted),
    ats=st.lists(st.integers(0, 20000), max_size=5).map(sorted),
)
def test_no_other_assignment_in_order_of_time_has_more_hits_or_as_many_nearer_ones(
    ends: list[int], ats: list[int]
) -> None:
    truths = [said(end, end) for end in ends]
    detections = [phrase(at, said=(at, at)) for at in ats]

    found = pairs(detections, truths, is_within)

    def worth(chosen: Iterable[tuple[Event, Event]]) -> tuple[int, int]:
        distances = [abs(one["at"] - truth["at"]) for one, truth in chosen]
        return len(distances), -sum(distances)

    every = (
        tuple(zip(some, others, strict=True))
        for size in range(1 + min(len(ends), len(ats)))
        for some in combinations(detections, size)
        for others in combinations(truths, size)
    )
    possible = (chosen for chosen in every if all(is_within(one, truth) for one, truth in chosen))
    assert worth((dict(one), dict(truth)) for one, truth in found) == max(map(worth, possible))


def test_another_rule_or_another_side_is_no_match() -> None:
    stream = [phrase(11200, rule="OPEN-2"), phrase(21200, rule="HOLD-2")]
    truth = [said(10000, 11000, rule="OPEN-1"), said(20000, 21000, rule="HOLD-2", side="customer")]

    assert rows(stream, truth) == (
        row(name="HOLD-2", false_alarms=1),
        row(name="HOLD-2", side="customer", misses=1),
        row(name="OPEN-1", misses=1),
        row(name="OPEN-2", false_alarms=1),
    )


def test_the_customers_consent_is_matched() -> None:
    found = rows([phrase(21200, "HOLD-2", "customer")], [said(20000, 21000, "HOLD-2", "customer")])

    assert found == (row(name="HOLD-2", side="customer", hits=1, latencies_ms=(200,)),)


def test_what_the_customer_says_is_neither_owed_nor_held_against_the_agent() -> None:
    truth = [said(10000, 11000, "SAY-UNKNOWN", "customer")]

    assert (rows([], truth), rows([phrase(11200, "SAY-UNKNOWN", "customer")], truth)) == (
        (),
        (row(name="SAY-UNKNOWN", side="customer", false_alarms=1),),
    )


def test_the_customers_words_taken_for_the_agents_are_a_false_alarm() -> None:
    found = rows([phrase(11200, "SAY-UNKNOWN", "agent")], [said(10000, 11000, "SAY-UNKNOWN", "customer")])

    assert found == (row(name="SAY-UNKNOWN", false_alarms=1),)


def test_an_interruption_that_nobody_detects_is_a_miss() -> None:
    truth = [event(5000, "barge_in", by="agent")]

    assert rows([], truth) == (row("barge_in", "agent", "", misses=1),)


# Rings and calls


def test_rings_agree_in_count_and_time() -> None:
    stream = [event(1040, "ring", count=1), event(6040, "ring", count=3)]
    truth = [event(1000, "ring", count=1), event(6000, "ring", count=2)]

    found = score(stream, truth)

    assert (found.exact_rings, found.rows) == (
        0,
        (row("ring", "", "", hits=1, misses=1, false_alarms=1, latencies_ms=(40,)),),
    )


def test_a_call_with_the_right_rings_is_exact() -> None:
    stream = [event(1040, "ring", count=1), event(6040, "ring", count=2)]
    truth = [event(1000, "ring", count=1), event(6000, "ring", count=2)]

    assert score(stream, truth).exact_rings == 1


def test_a_ring_too_many_is_not_exact() -> None:
    stream = [event(1040, "ring", count=1), event(1900, "ring", count=2)]

    assert score(stream, [event(1000, "ring", count=1)]).exact_rings == 0


def test_answered_with_another_number_of_rings_is_not_answered_right() -> None:
    truth = [event(7700, "answered", rings=2)]

    assert (
        rows([event(7750, "answered", rings=2, after_ms=6700)], truth),
        rows([event(7750, "answered", rings=3, after_ms=6700)], truth),
    ) == (
        (row("answered", "", "", hits=1, latencies_ms=(50,)),),
        (row("answered", "", "", misses=1, false_alarms=1),),
    )


def test_a_missed_call_may_be_known_late_but_not_with_other_rings() -> None:
    truth = [event(27700, "missed", rings=6)]

    assert (rows([event(40000, "missed", rings=6)], truth), rows([event(27700, "missed", rings=5)], truth)) == (
        (row("missed", "", "", hits=1),),
        (row("missed", "", "", misses=1, false_alarms=1),),
    )


def test_outbound_is_matched_by_time() -> None:
    assert rows([event(2050, "outbound")], [event(2000, "outbound")]) == (
        row("outbound", "", "", hits=1, latencies_ms=(50,)),
    )


# Holds, nudges, mute states


def test_holds_are_matched_by_state() -> None:
    stream = [hold(9000, "requested"), hold(10300, "consented"), hold(10400, "began"), hold(30000, "ended")]
    truth = [hold(10000, "refused"), hold(30000, "ended")]

    assert rows(stream, truth) == (
        row("hold", "consented", "", false_alarms=1),
        row("hold", "ended", "", hits=1, latencies_ms=(0,)),
        row("hold", "refused", "", misses=1),
    )


def test_other_hold_states_are_judged_once_the_truth_lists_them() -> None:
    found = rows([hold(9000, "requested"), hold(50000, "requested")], [hold(9000, "requested")])

    assert found == (row("hold", "requested", "", hits=1, false_alarms=1, latencies_ms=(0,)),)


def test_nudges_are_judged_only_where_the_truth_lists_some() -> None:
    stream = [event(5000, "nudge", rule="SAY-WAIT", text="…"), event(6000, "nudge", rule="SAY-NAME", text="…")]

    assert (rows(stream, []), rows(stream, [event(4500, "nudge", rule="SAY-WAIT")])) == (
        (),
        (
            row("nudge", "SAY-NAME", "", false_alarms=1),
            row("nudge", "SAY-WAIT", "", hits=1, latencies_ms=(500,)),
        ),
    )


def test_mute_states_are_judged_where_the_truth_lists_them() -> None:
    stream = [mute(0, "live"), mute(5000, "pressing"), mute(5060, "muted")]

    assert rows(stream, [mute(5000, "muted")]) == (row("mute", "muted", "", hits=1, latencies_ms=(60,)),)


# Percentiles, several calls, output


@pytest.mark.parametrize(
    ("values", "percent", "expected"),
    [
        ([], 50, None),
        ([7], 50, 7),
        ([7], 95, 7),
        ([1, 2], 50, 1),
        ([1, 2, 3], 50, 2),
        ([1, 2, 3, 4, 5], 50, 3),
        (list(range(1, 13)), 95, 12),
        (list(range(1, 21)), 95, 19),
        (list(range(1, 22)), 95, 20),
        (list(range(1, 101)), 95, 95),
        ([1, 2, 3], 100, 3),
    ],
)
def test_percentiles_are_by_nearest_rank(values: list[int], percent: int, expected: int | None) -> None:
    assert percentile(values, percent) == expected


@pytest.mark.parametrize("path", CALLS, ids=lambda path: path.name)
def test_a_device_that_reports_the_truth_has_no_miss_and_no_false_alarm(path: Path) -> None:
    truth = load(path).truth
    assert truth is not None

    found = score(truth, truth)

    judged = [one for one in truth if one["kind"] != "turn"]
    assert (found.exact_rings, found.total) == (1, Row(kind="total", hits=len(judged)))


def scored_calls() -> tuple[Score, Score]:
    first = score(
        [event(1040, "ring", count=1), phrase(11400), press(12000), event(20000, "call_card", chars_per_min=252)],
        [event(1000, "ring", count=1), said(10000, 11000), turn(10000, 12000, 8)],
    )
    second = score(
        [phrase(11100), phrase(15000, "SAY-WAIT"), pace(12500, 250, 2000)],
        [event(1000, "ring", count=1), said(10000, 11000), said(18000, 19000), turn(10000, 12000, 8)],
    )
    return first, second


def test_calls_combine_to_sums_and_pooled_latencies() -> None:
    assert combine(scored_calls()) == Score(
        calls=2,
        exact_rings=1,
        rows=(
            row("ring", "", "", hits=1, misses=1, latencies_ms=(40,)),
            row(hits=2, misses=1, latencies_ms=(100, 400)),
            row(name="SAY-WAIT", false_alarms=1),
        ),
        mute=MuteScore(presses=1, presses_without_consent=1),
        pace=PaceScore(
            cards=(CardPace(device_per_min=252, truth_per_min=240.0),),
            readings=(ReadingPace(device_per_min=250, truth_per_min=240.0),),
        ),
    )


def test_one_call_combined_is_itself_and_none_is_empty() -> None:
    first, _ = scored_calls()

    assert (combine([first]), combine([])) == (
        first,
        Score(calls=0, exact_rings=0, rows=(), mute=MuteScore(), pace=PaceScore()),
    )


def test_the_json_is_as_documented() -> None:
    assert json.loads(json.dumps(as_json(combine(scored_calls())))) == {
        "calls": 2,
        "exact_rings": 1,
        "rows": [
            {
                "kind": "ring",
                "name": "",
                "side": "",
                "truths": 2,
                "hits": 1,
                "misses": 1,
                "false_alarms": 0,
                "latency_p50_ms": 40,
                "latency_p95_ms": 40,
            },
            {
                "kind": "phrase",
                "name": "OPEN-1",
                "side": "agent",
                "truths": 3,
                "hits": 2,
                "misses": 1,
                "false_alarms": 0,
                "latency_p50_ms": 100,
                "latency_p95_ms": 400,
            },
            {
                "kind": "phrase",
                "name": "SAY-WAIT",
                "side": "agent",
                "truths": 0,
                "hits": 0,
                "misses": 0,
                "false_alarms": 1,
                "latency_p50_ms": None,
                "latency_p95_ms": None,
            },
        ],
        "total": {"truths": 5, "hits": 3, "misses": 2, "false_alarms": 1},
        "mute": {
            "presses": 1,
            "presses_without_consent": 1,
            "retries": 0,
            "falsely_shown_ms": 0,
            "holds_not_muted": 0,
        },
        "pace": {
            "cards": [{"device_per_min": 252, "truth_per_min": 240.0, "error_percent": 5.0}],
            "mean_card_error_percent": 5.0,
            "readings": 1,
            "mean_reading_error_per_min": 10.0,
            "mean_reading_error_percent": 4.2,
            "correlation": None,
            "readings_left_out": 0,
        },
    }


def test_the_table_reads_as_it_should() -> None:
    console = Console(file=io.StringIO(), width=90, color_system=None)
    first, second = scored_calls()
    consented = score([phrase(21200, "HOLD-2", "customer")], [said(20000, 21000, "HOLD-2", "customer")])

    console.print(as_table(combine([first, second, consented]), title="Three calls"))

    assert isinstance(console.file, io.StringIO)
    lines = [line.strip(" │┃").split() for line in console.file.getvalue().splitlines()]
    assert [line for line in lines if line and line[0] in {"ring", "HOLD-2", "OPEN-1", "SAY-WAIT", "total"}] == [
        ["ring", "│", "2", "│", "1", "│", "1", "│", "0", "│", "40", "│", "40"],
        ["HOLD-2", "(customer)", "│", "1", "│", "1", "│", "0", "│", "0", "│", "200", "│", "200"],
        ["OPEN-1", "│", "3", "│", "2", "│", "1", "│", "0", "│", "100", "│", "400"],
        ["SAY-WAIT", "│", "0", "│", "0", "│", "0", "│", "1", "│", "–", "│", "–"],
        ["total", "│", "6", "│", "4", "│", "2", "│", "1"],
    ]
