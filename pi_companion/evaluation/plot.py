"""How much is found at how many false alarms? The curve of the thresholds, the simple ways as points; a PNG."""

from collections import defaultdict
from pathlib import Path
from typing import Final

import matplotlib as mpl
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from pi_companion.evaluation.figures import Rate, Recall
from pi_companion.evaluation.report import SENTENCES, SYNTHETIC, Point, Report
from pi_companion.evaluation.work import Method

_MARKS: Final = {
    Method.TEXT: ("s", "tab:orange"),
    Method.TEXT_LIVE: ("D", "tab:orange"),
    Method.GRAMMAR: ("v", "tab:red"),
    Method.GRAMMAR_LIVE: ("^", "tab:red"),
    Method.FILLERS: ("<", "tab:purple"),
    Method.FILLERS_LIVE: (">", "tab:purple"),
}


def draw(report: Report, file: Path) -> None:
    """Write the picture: one panel for synthetic negative speech, one for people's sentences where there are any."""
    mpl.use("Agg")
    panels = [kind for kind in (SYNTHETIC, SENTENCES) if kind in report.negative]
    figure = Figure(figsize=(max(8.0, 6.2 * len(panels)), 5.8), layout="constrained")
    axes = figure.subplots(1, len(panels), sharey=True, squeeze=False)[0]
    for kind, panel in zip(panels, axes, strict=True):
        _panel(panel, report, kind)
    axes[0].set_ylabel("drill phrases found, % (synthetic voices)")
    figure.legend(*axes[0].get_legend_handles_labels(), loc="outside lower center", ncols=2, frameon=False)
    figure.suptitle("Phrases found against false alarms", fontsize=13)
    # Nothing in the file but the picture: the same figures give the same bytes.
    figure.savefig(file, dpi=120, metadata={"Software": None})


def _panel(panel: Axes, report: Report, kind: str) -> None:
    places = [(_rate(point, kind), point.recall, point.shift_pm) for point in report.curve]
    panel.plot(
        [rate.per_hour for rate, _, _ in places],
        [100 * recall.share for _, recall, _ in places],
        marker="o",
        color="tab:blue",
        label="the device, all thresholds moved (‰)",
    )
    shifts: defaultdict[tuple[float, float], list[int]] = defaultdict(list)
    for rate, recall, shift in places:
        shifts[_place(rate, recall)].append(shift)
        if not shift:
            panel.plot(*_place(rate, recall), "*", markersize=18, color="tab:blue", label="the device, as shipped")
    for place, here in shifts.items():
        told = f"{min(here):+}" if len(here) == 1 else f"{min(here):+} … {max(here):+}"
        panel.annotate(told, place, xytext=(6, -12), textcoords="offset points", fontsize=8)
    alarms = report.negative[kind]
    for method, (mark, color) in _MARKS.items():
        if method in alarms.rates:
            place = _place(alarms.rates[method], report.recall(method))
            panel.plot(*place, mark, color=color, markersize=9, linestyle="none", label=str(method))
    hours = alarms.rates[Method.DEVICE].hours
    panel.set_title(f"false alarms on {kind}, {hours:.2f} h")
    panel.set_xlabel("false alarms an hour of audio")
    # Straight up to one event in this much audio, logarithmic after it.
    panel.set_xscale("symlog", linthresh=1 / hours)
    panel.set_xlim(left=-0.3 / hours)
    panel.grid(visible=True, which="both", alpha=0.25)


def _rate(point: Point, kind: str) -> Rate:
    return point.synthetic if kind == SYNTHETIC else point.people


def _place(rate: Rate, recall: Recall) -> tuple[float, float]:
    return rate.per_hour, 100 * recall.share
