"""What is said when a place that a person named cannot be written to?"""

from pathlib import Path

import pytest
from typer.testing import CliRunner

from pi_companion.bench.calls import bundled_calls
from pi_companion.cli import app
from pi_companion.errors import UsageError

CALL = str(bundled_calls()[0])


@pytest.mark.parametrize(
    "command",
    [["replay", CALL, "--model", "none", "--events"], ["replay", CALL, "--model", "none", "--frames"], ["screens"]],
)
def test_a_place_that_cannot_be_written_is_one_message(command: list[str], tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    place = tmp_path / "file" / "below"

    ended = CliRunner().invoke(app, [*command, str(place)])

    assert isinstance(ended.exception, UsageError)
    assert str(ended.exception) == f"{place}: cannot be written: Not a directory"
