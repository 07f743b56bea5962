import csv
import json
import shutil
from pathlib import Path

import pytest
from typer.testing import CliRunner

from pi_companion.cli import app
from pi_companion.cli_upkeep import out
from pi_companion.errors import UsageError

DRILL = Path(__file__).parents[1] / "drill"


@pytest.fixture
def two(tmp_path: Path) -> Path:
    """A drill of one phrase and one near miss."""
    chosen = ("010-zf_xiaobei.flac", "048-zf_xiaobei.flac")
    with (DRILL / "drill.tsv").open(encoding="utf-8", newline="") as lines:
        reader = csv.DictReader(lines, delimiter="\t")
        rows = [row for row in reader if row["file"] in chosen]
    with (tmp_path / "drill.tsv").open("w", encoding="utf-8", newline="") as lines:
        writer = csv.DictWriter(lines, list(rows[0]), delimiter="\t")
        writer.writeheader()
        writer.writerows(rows)
    for name in chosen:
        shutil.copy(DRILL / name, tmp_path)
    return tmp_path


def test_a_drill_is_scored_without_any_call(two: Path) -> None:
    ended = CliRunner().invoke(app, ["score", "--drill", str(two), "--json"])

    rows = [row for row in json.loads(ended.stdout)["drill"] if row["method"] == "the device"]
    assert [
        (row["family"], row["truths"], row["hits"], row["near_misses"], row["near_misses_fired"]) for row in rows
    ] == [("taboo", 1, 1, 1, 0)]


def test_the_table_has_the_device_beside_both_simple_ways(two: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(out, "width", 160)
    told = CliRunner().invoke(app, ["score", "--drill", str(two)]).stdout

    assert [way in told for way in ("the device", "exact text, partial", "grammar with fillers, partial")] == [True] * 3


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["score"], "give call folders, or --drill DIR"),
        (["score", "--drill", str(DRILL), "--model", "none"], "it needs a model"),
        (["score", "--drill", str(DRILL.parent)], "no drill.tsv there"),
    ],
)
def test_what_cannot_be_scored_says_what_is_missing(arguments: list[str], said: str) -> None:
    ended = CliRunner().invoke(app, arguments)

    assert isinstance(ended.exception, UsageError)
    assert said in str(ended.exception)
