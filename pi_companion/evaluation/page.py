"""How is the result told? One Markdown page, generated whole; `notes.md` is the only part that people write."""

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Final

from pi_companion.core.settings import Family
from pi_companion.evaluation import customer_tables, prose
from pi_companion.evaluation.conditions import CLEAN
from pi_companion.evaluation.figures import Recall
from pi_companion.evaluation.report import SENTENCES, SINGLE_WORDS, SYNTHETIC, FalseAlarms, Report
from pi_companion.evaluation.tables import found, ms, table
from pi_companion.evaluation.targets import call_phrases, rate_text, targets, wrong_consents
from pi_companion.evaluation.thresholds import FLOOR_PM, MARGIN_PM
from pi_companion.evaluation.work import Method

NOTES: Final = Path(__file__).with_name("notes.md")
FINGERPRINT_LINE: Final = "Fingerprint of phrases, thresholds, model and spotting code: "


def page(report: Report, picture: str) -> str:
    """Return the whole page; `picture`: the plot's file name beside it."""
    return "\n".join(line for part in _parts(report, picture) for line in (*part, ""))


def _parts(report: Report, picture: str) -> Iterator[Iterable[str]]:
    yield _head(report)
    yield _targets(report)
    yield _recall(report)
    yield _alarms(report)
    yield _ways(report)
    yield _curve(report, picture)
    yield _conditions(report)
    yield _folds(report)
    yield customer_tables.customers(report)
    yield customer_tables.answers(report)
    yield customer_tables.calls(report)
    yield _notes()


def _head(report: Report) -> Iterator[str]:
    origin = report.origin
    yield "# How well it hears"
    yield ""
    yield "Written by `make eval`; only figures in the last section were typed. Change something and run it again."
    yield ""
    yield f"- **Measured** {origin.date}, commit {origin.commit}, in {report.seconds} s on {origin.machine}"
    yield "- **Simulated**: replayed audio on that machine; no Raspberry Pi, no telephone line, no sound card"
    yield f"- **Model** {origin.model}, SHA-256 of its files `{origin.model_sha256[:16]}…`, Vosk {origin.vosk}"
    yield f"- **Pack** {origin.pack}, Python {origin.python}"
    yield f"- {FINGERPRINT_LINE}`{origin.fingerprint}`"
    yield ""
    yield prose.SYNTHETIC_ARE_NOT_PEOPLE


def _targets(report: Report) -> Iterator[str]:
    yield "## Targets"
    yield ""
    yield from table(
        ("target", "measured", "verdict"),
        [(target.what, target.figure, target.verdict) for target in targets(report)],
        numbers=(),
    )


def _recall(report: Report) -> Iterator[str]:
    yield "## Phrases found, by family and voice"
    yield ""
    yield prose.RECALL
    yield ""
    voices = report.voices
    rows = []
    for family in Family:
        recalls = [report.recall(Method.DEVICE, family=family, voice=voice) for voice in voices]
        if any(recall.truths for recall in recalls):
            rows.append((str(family), *(found(recall) for recall in (*recalls, sum(recalls, start=Recall())))))
    totals = [report.recall(Method.DEVICE, voice=voice) for voice in voices]
    rows.append(("**all**", *(found(recall) for recall in (*totals, report.recall(Method.DEVICE)))))
    yield from table(("family", *voices, "both"), rows)
    yield ""
    device = report.recall(Method.DEVICE)
    yield (
        f"Near misses that fired: {device.near_misses_fired} of {device.near_misses}. Another rule than the one meant "
        f"fired {device.others} time(s). Phrase end to event: p50 {ms(device, 50)}, p95 {ms(device, 95)}, "
        f"max {ms(device, 100)} of audio."
    )
    calls = call_phrases(report.calls)
    if calls.truths:
        yield (
            f"The {report.calls.calls if report.calls else 0} calls: {found(calls)} phrases, {calls.others} false "
            f"alarm(s); p50 {ms(calls, 50)}, p95 {ms(calls, 95)}, max {ms(calls, 100)}."
        )


def _alarms(report: Report) -> Iterator[str]:
    yield "## False alarms on speech without phrases"
    yield ""
    yield prose.ALARMS
    yield ""
    rows = []
    for kind, alarms in report.negative.items():
        own = alarms.rates[Method.DEVICE]
        rows.append(
            (
                kind,
                f"{own.hours:.2f}",
                f"{own.speech_ms / 3_600_000:.2f}",
                str(own.events),
                f"{own.per_hour:.2f}",
                f"{own.most_per_hour:.2f}",
                f"{own.per_speech_hour:.2f}",
                f"{alarms.left_out} in {alarms.left_out_ms / 60000:.1f} min",
                str(alarms.first.events),
            )
        )
    heads = ("speech", "hours", "of them speech", "false alarms", "an hour", "95 %: below", "an hour of speech")
    yield from table((*heads, "left out", "if every utterance were a call's first"), rows)
    yield ""
    for kind, alarms in report.negative.items():
        if alarms.rules:
            fired = ", ".join(
                f"{rule} {times}" for rule, times in sorted(alarms.rules.items(), key=lambda row: -row[1])
            )
            yield f"- {kind}, by rule: {fired}"
    for kind in (SENTENCES, SINGLE_WORDS):
        if kind not in report.negative:
            yield f"- {kind}: not measured in this run"


def _ways(report: Report) -> Iterator[str]:
    yield "## Beside two simple ways"
    yield ""
    yield prose.WAYS
    yield ""
    kinds = list(report.negative)
    rows = []
    for method in Method:
        recall = report.recall(method)
        if not recall.truths:
            continue
        rows.append(
            (
                f"**{method}**" if method is Method.DEVICE else str(method),
                found(recall),
                f"{recall.near_misses_fired} of {recall.near_misses}",
                *(_alarms_of(report.negative[kind], method) for kind in kinds),
                *(ms(recall, percent) for percent in (50, 95, 100)),
            )
        )
    heads = ("", "drill: found", "near misses fired", *(f"false alarms: {kind}" for kind in kinds))
    yield from table((*heads, "p50", "p95", "max"), rows)


def _alarms_of(alarms: FalseAlarms, method: Method) -> str:
    rate = alarms.rates.get(method)
    return "–" if rate is None else f"{rate.events} ({rate.per_hour:.1f}/h)"


def _curve(report: Report, picture: str) -> Iterator[str]:
    yield "## Recall against false alarms"
    yield ""
    if not report.curve:
        yield prose.NOT_MEASURED
        return
    yield f"![Recall against false alarms an hour]({picture})"
    yield ""
    rows = [
        (
            f"{point.shift_pm:+}" if point.shift_pm else "**as shipped**",
            found(point.recall),
            f"{point.recall.near_misses_fired}",
            f"{point.synthetic.events} ({point.synthetic.per_hour:.1f}/h)",
            f"{point.people.events} ({point.people.per_hour:.1f}/h)" if point.people.length_ms else "–",
        )
        for point in report.curve
    ]
    heads = ("thresholds moved by, ‰", "drill: found", "near misses fired")
    yield from table((*heads, f"false alarms: {SYNTHETIC}", f"false alarms: {SENTENCES}"), rows)


def _conditions(report: Report) -> Iterator[str]:
    yield "## On a worse line"
    yield ""
    if len(report.conditions) < 2:
        yield prose.NOT_MEASURED
        return
    yield prose.CONDITIONS
    yield ""
    rows = []
    for name, damaged in report.conditions.items():
        own = damaged.recall[Method.DEVICE]
        cells = [
            f"{100 * damaged.recall[way].share:.0f} / {damaged.recall[way].near_misses_fired} / "
            f"{damaged.alarms[way].per_hour:.0f}"
            for way in damaged.recall
        ]
        calls = call_phrases(damaged.calls)
        rows.append(
            (
                name,
                *cells,
                ms(own, 50),
                ms(own, 95),
                found(calls) if calls.truths else "–",
                str(calls.others) if calls.truths else "–",
                f"{damaged.calls.mute.presses}, {wrong_consents(damaged.calls)}" if damaged.calls else "–",
            )
        )
    heads = ("condition", *(f"{way} f/n/a" for way in report.conditions[CLEAN.name].recall), "p50", "p95")
    yield from table((*heads, "calls: phrases", "calls: false", "MUTE presses, wrong ones"), rows)


def _folds(report: Report) -> Iterator[str]:
    yield "## Thresholds chosen on one voice, reported on another"
    yield ""
    if not report.folds:
        yield prose.NOT_MEASURED
        return
    yield prose.FOLDS.format(floor=FLOOR_PM, margin=MARGIN_PM)
    yield ""
    rows = [
        (
            fold.chosen_on,
            ", ".join(map(str, fold.least_score_pm)),
            fold.reported_on,
            found(fold.recall),
            f"{fold.recall.near_misses_fired} of {fold.recall.near_misses}",
            rate_text(fold.alarms),
        )
        for fold in report.folds
    ]
    heads = ("chosen on", "thresholds for 1, 2, 3 … syllables, ‰", "reported on", "found", "near misses fired")
    yield from table((*heads, "false alarms"), rows, numbers=())


def _notes() -> Iterator[str]:
    yield "## What was tried, and what falls short"
    yield ""
    yield "Written by people: figures of trials on the way, each from a run of its own, not from the run above."
    yield ""
    yield NOTES.read_text(encoding="utf-8").strip() if NOTES.exists() else "Nothing was written down."
