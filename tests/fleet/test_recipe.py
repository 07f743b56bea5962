"""The dashboard and the recipe beside it speak of what a unit really sends."""

import json
import re
import tomllib
from pathlib import Path

from pi_companion.fleet.report import report
from tests.fleet.test_report import DOCUMENT, KNOWN

RECIPE = Path(__file__).parents[2] / "systemd" / "fleet"
SENT = report(DOCUMENT, KNOWN, "0.1.0")
NUMBERS = {f"pi_companion_{name}" for name, value in SENT.items() if isinstance(value, int)}


def test_every_figure_of_the_dashboard_is_sent() -> None:
    board = json.loads((RECIPE / "grafana-dashboard.json").read_text())
    asked = {
        name
        for panel in board["panels"]
        for each in panel["targets"]
        for name in re.findall(r"pi_companion_\w+", each["expr"])
    }

    assert len(asked) >= 7
    assert asked - NUMBERS - {"pi_companion_lost_"} == set()
    assert any(name.startswith("pi_companion_lost_") for name in NUMBERS)


def test_what_is_text_in_a_report_is_what_telegraf_takes_for_text() -> None:
    found = tomllib.loads((RECIPE / "telegraf.conf").read_text())["inputs"]["mqtt_consumer"][0]

    assert set(found["json_string_fields"]) == {name for name, value in SENT.items() if isinstance(value, str)}
    assert found["servers"][0].startswith("ssl://")
