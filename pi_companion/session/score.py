"""How good was the device on this call? Its event stream against the folder's truth; pure, one answer for one input.

Counted for each sort of detection: truths, hits, misses, false alarms and latencies (`at` less the truth's `ended`;
nearest-rank percentiles). `matching` says which detection belongs to which truth. What must agree besides the time:

    ring        count                   answered, missed    rings (of missed, only rings: its time is a conclusion)
    outbound    nothing                 phrase              rule and side
    hold        state                   barge_in            by
    nudge       rule                    mute                state

Phrases, rings, calls, interruptions and the hold states consented, refused and ended are judged always: a stream
that cannot detect them misses them. Other hold states and mute states are judged where the truth lists them; nudges
where it lists any, and then all. Of the customer's words only HOLD-2 is anyone's business: truths of other rules on
that side are no truths, and such a detection is a false alarm in a row of its own, never an agent's fault.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from operator import itemgetter
from typing import Final

from rich.table import Table

from pi_companion.core.facts import Side
from pi_companion.core.states import HoldState
from pi_companion.session.matching import Row, ended, is_within, pairs, percentile
from pi_companion.session.mutescore import MuteScore, score_mute, sum_mute
from pi_companion.session.pacescore import PaceScore, join_pace, score_pace
from pi_companion.session.shapes import Record

_SORTED_BY: Final[Mapping[str, tuple[str, str]]] = {
    "ring": ("", ""),
    "answered": ("", ""),
    "missed": ("", ""),
    "outbound": ("", ""),
    "phrase": ("rule", "side"),
    "hold": ("state", ""),
    "barge_in": ("by", ""),
    "nudge": ("rule", ""),
    "mute": ("state", ""),
}
"""For each kind that is judged, in the order of the table: the fields that give a row its name and its side."""

_MUST_AGREE: Final = {"ring": "count", "answered": "rings", "missed": "rings"}
_HOLD_STATES: Final = frozenset({HoldState.CONSENTED, HoldState.REFUSED, HoldState.ENDED})
_CUSTOMERS_RULE: Final = "HOLD-2"

_Key = tuple[str, str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Score:
    """The score of one call or of several.

    `exact_rings`: calls in which the device counted exactly the true rings, in order. `rows`: in the order of the
    table, each with a truth or a detection.
    """

    calls: int
    exact_rings: int
    rows: tuple[Row, ...]
    mute: MuteScore
    pace: PaceScore

    @property
    def total(self) -> Row:
        """All rows as one, without latencies: those of different sorts do not add up to anything."""
        return Row(
            kind="total",
            hits=sum(row.hits for row in self.rows),
            misses=sum(row.misses for row in self.rows),
            false_alarms=sum(row.false_alarms for row in self.rows),
        )


def score(events: Iterable[Record], truth: Iterable[Record]) -> Score:
    """Return the score of one call: its event stream, in order, against the objects of its expected.jsonl."""
    stream, truths = tuple(events), tuple(truth)
    by_detection, by_truth = _by_key(_judged(stream, truths)), _by_key(filter(_is_wanted, truths))
    keys = sorted(by_detection.keys() | by_truth.keys(), key=_place)
    return Score(
        calls=1,
        exact_rings=int(_ring_counts(stream) == _ring_counts(truths)),
        rows=tuple(_row(key, by_detection.get(key, []), by_truth.get(key, [])) for key in keys),
        mute=score_mute(stream),
        pace=score_pace(stream, truths),
    )


def combine(scores: Iterable[Score]) -> Score:
    """Return the scores of several calls as one: counts added, latencies and paces pooled."""
    several = tuple(scores)
    rows: dict[_Key, Row] = {}
    for row in (row for one in several for row in one.rows):
        key = (row.kind, row.name, row.side)
        before = rows.get(key, Row(kind=row.kind, name=row.name, side=row.side))
        rows[key] = Row(
            kind=row.kind,
            name=row.name,
            side=row.side,
            hits=before.hits + row.hits,
            misses=before.misses + row.misses,
            false_alarms=before.false_alarms + row.false_alarms,
            latencies_ms=tuple(sorted(before.latencies_ms + row.latencies_ms)),
        )
    return Score(
        calls=sum(one.calls for one in several),
        exact_rings=sum(one.exact_rings for one in several),
        rows=tuple(rows[key] for key in sorted(rows, key=_place)),
        mute=sum_mute(one.mute for one in several),
        pace=join_pace(one.pace for one in several),
    )


def as_json(result: Score) -> dict[str, object]:
    """Return the score for `json.dumps`.

        {"calls": 1, "exact_rings": 1,
         "rows": [{"kind": "phrase", "name": "OPEN-1", "side": "agent", "truths": 1, "hits": 1, "misses": 0,
                   "false_alarms": 0, "latency_p50_ms": 420, "latency_p95_ms": 420}, …],
         "total": {"truths": 9, "hits": 8, "misses": 1, "false_alarms": 0},
         "mute": {"presses": 2, "presses_without_consent": 0, "retries": 0, "falsely_shown_ms": 0,
                  "holds_not_muted": 0},
         "pace": {"cards": [{"device_per_min": 270, "truth_per_min": 264.3, "error_percent": 2.2}],
                  "mean_card_error_percent": 2.2, "readings": 6, "mean_reading_error_per_min": 11.0,
                  "mean_reading_error_percent": 4.2, "correlation": 0.981, "readings_left_out": 0}}

    Percentiles, errors, means and the correlation (below three readings) are null where there is nothing to take them
    of; paces have one decimal, the correlation three.
    """
    pace = result.pace
    return {
        "calls": result.calls,
        "exact_rings": result.exact_rings,
        "rows": [
            {"kind": row.kind, "name": row.name, "side": row.side, **_counts(row), **_percentiles(row)}
            for row in result.rows
        ],
        "total": _counts(result.total),
        "mute": asdict(result.mute),
        "pace": {
            "cards": [
                {
                    "device_per_min": card.device_per_min,
                    "truth_per_min": round(card.truth_per_min, 1),
                    "error_percent": _tenths(card.error_percent),
                }
                for card in pace.cards
            ],
            "mean_card_error_percent": _tenths(pace.mean_card_error_percent),
            "readings": len(pace.readings),
            "mean_reading_error_per_min": _tenths(pace.mean_reading_error_per_min),
            "mean_reading_error_percent": _tenths(pace.mean_reading_error_percent),
            "correlation": None if pace.correlation is None else round(pace.correlation, 3),
            "readings_left_out": pace.readings_left_out,
        },
    }


def as_table(result: Score, title: str = "") -> Table:
    """Return the score for a terminal: a row for each sort of detection, the total, mute and pace below."""
    table = Table(title=title or None, caption="\n".join(_notes(result)), caption_justify="left")
    table.add_column("what")
    for heading in ("truths", "hits", "misses", "false alarms", "p50 ms", "p95 ms"):
        table.add_column(heading, justify="right")
    for row in result.rows:
        latencies = ("–" if value is None else str(value) for value in _percentiles(row).values())
        table.add_row(_label(row), *(str(count) for count in _counts(row).values()), *latencies)
    table.add_section()
    table.add_row("total", *(str(count) for count in _counts(result.total).values()), "", "", style="bold")
    return table


def _notes(result: Score) -> Iterable[str]:
    mute, pace = result.mute, result.pace
    yield f"rings counted exactly in {result.exact_rings} of {result.calls} call(s)"
    yield (
        f"mute: {mute.presses} press(es), {mute.presses_without_consent} without consent, {mute.retries} retried; "
        f"falsely shown {mute.falsely_shown_ms} ms; {mute.holds_not_muted} hold(s) never proved muted"
    )
    if pace.mean_card_error_percent is not None:
        yield f"pace: call cards off by {pace.mean_card_error_percent:.1f} % on average"
    if pace.mean_reading_error_per_min is not None:
        correlated = "" if pace.correlation is None else f", correlation {pace.correlation:.3f}"
        yield (
            f"pace: {len(pace.readings)} reading(s) off by {pace.mean_reading_error_per_min:.1f} characters a minute "
            f"({pace.mean_reading_error_percent:.1f} %) on average{correlated}"
        )


def _judged(stream: Iterable[Record], truths: Sequence[Record]) -> Iterable[Record]:
    """Yield the detections that the truth can judge."""
    listed = {_key(event) for event in truths if event["kind"] in _SORTED_BY}
    lists_nudges = any(event["kind"] == "nudge" for event in truths)
    for event in stream:
        match event["kind"]:
            case "hold" if event["state"] not in _HOLD_STATES and _key(event) not in listed:
                continue
            case "mute" if _key(event) not in listed:
                continue
            case "nudge" if not lists_nudges:
                continue
            case _:
                yield event


def _is_wanted(truth: Record) -> bool:
    match truth:
        case {"kind": "phrase", "side": Side.CUSTOMER, "rule": rule}:
            return bool(rule == _CUSTOMERS_RULE)
        case _:
            return True


def _by_key(events: Iterable[Record]) -> dict[_Key, list[Record]]:
    """Return the events that have a row, by row."""
    by_key: defaultdict[_Key, list[Record]] = defaultdict(list)
    for event in events:
        if event["kind"] in _SORTED_BY:
            by_key[_key(event)].append(event)
    return by_key


def _key(event: Record) -> _Key:
    name, side = _SORTED_BY[event["kind"]]
    return event["kind"], event[name] if name else "", event[side] if side else ""


def _place(key: _Key) -> tuple[int, str, str]:
    kind, name, side = key
    return tuple(_SORTED_BY).index(kind), name, side


def _row(key: _Key, detections: Sequence[Record], truths: Sequence[Record]) -> Row:
    kind, name, side = key
    found = pairs(sorted(detections, key=itemgetter("at")), sorted(truths, key=ended), _fits)
    return Row(
        kind=kind,
        name=name,
        side=side,
        hits=len(found),
        misses=len(truths) - len(found),
        false_alarms=len(detections) - len(found),
        latencies_ms=tuple(sorted(one["at"] - ended(truth) for one, truth in found)) if kind != "missed" else (),
    )


def _fits(detection: Record, truth: Record) -> bool:
    kind: str = detection["kind"]
    field = _MUST_AGREE.get(kind)
    if field is not None and detection[field] != truth[field]:
        return False
    return kind == "missed" or is_within(detection, truth)


def _ring_counts(events: Iterable[Record]) -> list[int]:
    return [event["count"] for event in events if event["kind"] == "ring"]


def _counts(row: Row) -> dict[str, int]:
    return {"truths": row.truths, "hits": row.hits, "misses": row.misses, "false_alarms": row.false_alarms}


def _percentiles(row: Row) -> dict[str, int | None]:
    return {f"latency_p{percent}_ms": percentile(row.latencies_ms, percent) for percent in (50, 95)}


def _label(row: Row) -> str:
    words = row.name if row.kind == "phrase" else " ".join(filter(None, (row.kind.replace("_", "-"), row.name)))
    return f"{words} (customer)" if row.side == Side.CUSTOMER else words


def _tenths(value: float | None) -> float | None:
    return None if value is None else round(value, 1)
