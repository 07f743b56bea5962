"""What does the page say about customers and whole calls? Its parts on answers, holds and pace."""

from collections.abc import Iterator

from pi_companion.evaluation import prose
from pi_companion.evaluation.answering import Taken
from pi_companion.evaluation.answers import Did, Meant
from pi_companion.evaluation.conditions import CLEAN, NARROW, TELEPHONE
from pi_companion.evaluation.report import FalseAlarms, Report
from pi_companion.evaluation.tables import table
from pi_companion.evaluation.targets import wrong_presses


def customers(report: Report) -> Iterator[str]:
    """Yield how often plain speech would be taken for an answer."""
    yield "## On the customer's side"
    yield ""
    yield prose.CUSTOMERS
    yield ""
    rows = [
        (kind, f"{alarms.taken[Taken.CONSENT].hours:.2f}", *(_taken(alarms, sort) for sort in Taken))
        for kind, alarms in report.negative.items()
    ]
    heads = (f"taken for {sort}: an hour (95 %: below)" for sort in Taken)
    yield from table(("speech", "hours", *heads), rows)


def _taken(alarms: FalseAlarms, sort: Taken) -> str:
    rate = alarms.taken[sort]
    return f"{rate.events}: {rate.per_hour:.1f} ({rate.most_per_hour:.1f})"


def answers(report: Report) -> Iterator[str]:
    """Yield what the device did on short answers, by the way they came."""
    yield "## Short answers"
    yield ""
    if not report.answers:
        yield prose.NOT_MEASURED
        return
    yield prose.ANSWERS
    yield ""
    rows = [
        (
            name,
            *(" / ".join(str(counts.get((meant, did), 0)) for did in Did) for meant in Meant),
            str(wrong_presses(counts)),
        )
        for name, counts in report.answers.items()
    ]
    yield from table(("how it came", *map(str, Meant), "wrong presses"), rows)


def calls(report: Report) -> Iterator[str]:
    """Yield holds and pace of the calls."""
    yield "## Consent, refusal and pace in the calls"
    yield ""
    if not report.calls:
        yield prose.NOT_MEASURED
        return
    rows = []
    for row in report.calls.rows:
        if row.kind == "hold" or (row.kind == "phrase" and row.side == "customer"):
            what = f"{row.kind} {row.name}" + (", customer" if row.side == "customer" else "")
            rows.append((what, str(row.truths), str(row.hits), str(row.misses), str(row.false_alarms)))
    yield from table(("", "truths", "hits", "misses", "false alarms"), rows)
    yield ""
    rows = []
    for name in (CLEAN.name, NARROW.name, TELEPHONE.name):
        damaged = report.conditions.get(name)
        if damaged is None or damaged.calls is None:
            continue
        pace = damaged.calls.pace
        card, reading, correlation = (
            pace.mean_card_error_percent,
            pace.mean_reading_error_percent,
            pace.correlation,
        )
        rows.append(
            (
                name,
                "–" if card is None else f"{card:.1f} %",
                "–" if reading is None else f"{reading:.1f} %",
                "–" if correlation is None else f"{correlation:.3f}",
                str(len(pace.readings)),
            )
        )
    heads = ("pace", "cards off by", "readings off by", "correlation of readings", "readings")
    yield from table(heads, rows)
