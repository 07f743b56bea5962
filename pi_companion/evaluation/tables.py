"""How do figures stand in a page? Markdown tables and the cells that come often."""

from collections.abc import Iterator, Sequence

from pi_companion.evaluation.figures import Recall


def found(recall: Recall) -> str:
    """Return hits of truths."""
    return f"{recall.hits} of {recall.truths} ({100 * recall.share:.1f} %)"


def ms(recall: Recall, percent: int) -> str:
    """Return a percentile of the latencies."""
    latency = recall.latency_ms(percent)
    return "–" if latency is None else f"{latency} ms"


def table(
    heads: Sequence[str], rows: Sequence[Sequence[str]], *, numbers: Sequence[int] | None = None
) -> Iterator[str]:
    """Yield a Markdown table; all columns but the first are flush right unless `numbers` names those that are."""
    right = range(1, len(heads)) if numbers is None else numbers
    yield f"| {' | '.join(heads)} |"
    yield f"|{'|'.join('---:' if place in right else '---' for place in range(len(heads)))}|"
    for row in rows:
        yield f"| {' | '.join(row)} |"
