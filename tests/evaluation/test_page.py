import re
from dataclasses import replace
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner

from pi_companion.core.limits import Spotting
from pi_companion.core.settings import Family, Pack
from pi_companion.errors import UsageError
from pi_companion.evaluation.__main__ import main as measure
from pi_companion.evaluation.answering import Taken
from pi_companion.evaluation.drilling import AGENT_NAME
from pi_companion.evaluation.figures import Rate, Recall
from pi_companion.evaluation.fingerprint import fingerprint
from pi_companion.evaluation.page import FINGERPRINT_LINE, page
from pi_companion.evaluation.plot import draw
from pi_companion.evaluation.report import SYNTHETIC, FalseAlarms, Origin, Point, Report
from pi_companion.evaluation.targets import targets
from pi_companion.evaluation.work import Method
from pi_companion.packs import load_pack
from pi_companion.speech import models

ROOT = Path(__file__).parents[2]
HOUR_MS = 3_600_000


def report(*, hits: int = 96, alarms: int = 0, near_misses_fired: int = 0) -> Report:
    recall = Recall(hits=hits, truths=100, near_misses=24, near_misses_fired=near_misses_fired, latencies_ms=(400, 900))
    rates = {
        Method.DEVICE: Rate(events=alarms, length_ms=10 * HOUR_MS, speech_ms=5 * HOUR_MS),
        Method.TEXT_LIVE: Rate(events=7, length_ms=10 * HOUR_MS, speech_ms=5 * HOUR_MS),
        Method.FILLERS_LIVE: Rate(events=9, length_ms=10 * HOUR_MS, speech_ms=5 * HOUR_MS),
    }
    made = Report(
        origin=Origin(
            date="2030-01-02",
            commit="abc",
            fingerprint="0123456789abcdef",
            pack="pack 1",
            model="model",
            model_sha256="f" * 64,
            vosk="1",
            python="3",
            machine="a machine",
        )
    )
    for method in rates:
        made.drill[method, Family.TABOO, "someone"] = recall
    made.negative[SYNTHETIC] = FalseAlarms(
        rates=rates, first=Rate(), rules={}, left_out=0, left_out_ms=0, taken=dict.fromkeys(Taken, Rate())
    )
    return made


def verdicts(made: Report) -> dict[str, str]:
    return {target.what.split(":")[0]: target.verdict for target in targets(made)}


def test_targets_that_are_kept_are_met() -> None:
    told = verdicts(report())

    assert [
        told[what] for what in told if what.startswith(("phrases", "near", "false", "phrase end to event, p50"))
    ] == ["met"] * 4


@pytest.mark.parametrize(
    ("made", "what"),
    [
        (report(hits=94), "phrases of drills and calls found"),
        (report(near_misses_fired=1), "near misses of the drill that fire"),
        (report(alarms=1), "false alarms on all speech without phrases"),
        (report(), "phrase end to event, p95"),
    ],
)
def test_a_target_that_is_missed_says_so_by_itself(made: Report, what: str) -> None:
    assert verdicts(made)[what] == "**missed**"


def test_as_many_finds_with_fewer_false_alarms_beat_a_simple_way_and_the_same_do_not() -> None:
    way = f"better than {Method.TEXT_LIVE}"

    assert (verdicts(report())[way], verdicts(report(alarms=7))[way]) == ("met", "**missed**")


def test_what_was_not_measured_is_neither_met_nor_missed() -> None:
    told = verdicts(report())

    assert told["pace at 8 kHz"] == "not measured in this run"


def test_the_page_tells_figures_with_their_hours_and_bound() -> None:
    told = page(report(), "picture.png")

    assert "| false alarms on all speech without phrases: none (goal: at most 0.1 an hour) | " in told
    assert "0 in 10.00 h: 0.00/h (95 %: < 0.30/h) | met |" in told
    assert "people, sentences: not measured in this run" in told


def test_the_same_report_gives_the_same_page_and_picture(tmp_path: Path) -> None:
    made = report()
    made.curve = [
        Point(shift_pm=shift, recall=Recall(hits=90, truths=100), synthetic=Rate(length_ms=HOUR_MS), people=Rate())
        for shift in (-50, 0, 50)
    ]

    draw(made, tmp_path / "a.png")
    draw(made, tmp_path / "b.png")

    assert page(made, "p.png") == page(made, "p.png")
    assert (tmp_path / "a.png").read_bytes() == (tmp_path / "b.png").read_bytes()


def test_the_committed_page_was_measured_with_what_is_here() -> None:
    pack = load_pack(None, names={"agent_name": AGENT_NAME})

    (told,) = re.findall(re.escape(FINGERPRINT_LINE) + "`([0-9a-f]+)`", (ROOT / "EVALUATION.md").read_text("utf-8"))

    here = fingerprint(pack, models.bundled().path)
    assert told == here, (
        "phrases, thresholds, model or spotting changed since EVALUATION.md was written: run `make eval`"
    )


def changed(pack: Pack, what: str) -> Pack:
    match what:
        case "threshold":
            looser = replace(pack.limits.spotting, least_score_pm=(1000, 1000, 890))
            return replace(pack, limits=replace(pack.limits, spotting=looser))
        case "phrase":
            rules = (replace(pack.rules[0], phrases=pack.rules[0].phrases[:-1]), *pack.rules[1:])
            return replace(pack, rules=rules)
        case _:
            return replace(pack, rules=tuple(replace(rule, title="另写", say="另说") for rule in pack.rules))


@pytest.mark.parametrize(("what", "is_new"), [("threshold", True), ("phrase", True), ("advice", False)])
def test_the_fingerprint_changes_with_what_is_heard_and_with_nothing_else(what: str, is_new: bool) -> None:
    pack, model = load_pack(None, names={"agent_name": ""}), models.bundled().path

    assert (fingerprint(changed(pack, what), model) != fingerprint(pack, model)) == is_new


def test_the_fingerprint_changes_with_the_model(tmp_path: Path) -> None:
    pack = replace(
        load_pack(None, names={"agent_name": ""}),
        rules=(),
        limits=replace(load_pack(None, names={"agent_name": ""}).limits, spotting=Spotting()),
    )
    (tmp_path / "am").mkdir()
    before = fingerprint(pack, tmp_path)

    (tmp_path / "am" / "final.mdl").write_bytes(b"another")

    assert fingerprint(pack, tmp_path) != before


def test_a_place_that_cannot_hold_the_page_is_told_before_anything_is_measured(tmp_path: Path) -> None:
    place = tmp_path / "taken"
    place.write_text("", encoding="utf-8")
    app = typer.Typer()
    app.command()(measure)

    ended = CliRunner().invoke(app, ["--out", str(place)])

    assert isinstance(ended.exception, UsageError)
    assert str(place) in str(ended.exception)
