"""Is everything in hardware/ what its sources make of it? Anyone who changes one runs `make circuits`."""

import re
from pathlib import Path

import pytest

from hardware.__main__ import FILES, HERE, WIRING
from hardware.wiring import harnesses
from pi_companion.pinout import Input, Output, Pinout

CONFIG = (WIRING / "config.txt").read_text(encoding="utf-8")


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(HERE)))
def test_the_committed_file_is_what_the_sources_make(path: Path) -> None:
    assert path.read_text(encoding="utf-8") == FILES[path](), "run: make circuits"


@pytest.mark.parametrize("name", harnesses.HARNESSES)
def test_the_picture_of_a_harness_was_drawn_from_its_source(name: str) -> None:
    drawn = (WIRING / f"{name}.svg").read_text(encoding="utf-8")

    assert f"drawn from {harnesses.checksum(harnesses.source(name)[0])}" in drawn, "run: make circuits"


def test_a_drawing_is_the_same_bytes_each_time() -> None:
    path = HERE / "circuits" / "lamps.svg"

    assert FILES[path]() == FILES[path]()


def test_no_generated_file_has_a_date_or_a_path_of_this_machine() -> None:
    said = "".join(path.read_text(encoding="utf-8") for path in FILES)

    assert re.findall(r"20\d\d-\d\d-\d\d|/(?:tmp|home|usr|work)/", said) == []


def settings(key: str) -> list[str]:
    return [line.partition("=")[2] for line in CONFIG.splitlines() if line.startswith(f"{key}=")]


def test_config_rests_every_line_before_a_program_runs() -> None:
    lines = Pinout().lines().values()
    outputs = ",".join(str(bcm) for bcm in sorted(line.bcm for line in lines if isinstance(line, Output)))
    inputs = ",".join(str(bcm) for bcm in sorted(line.bcm for line in lines if isinstance(line, Input)))

    assert settings("gpio") == [f"{outputs}=ip,pd", f"{inputs}=ip,pu"]


def test_config_has_the_bus_and_nothing_that_takes_a_pin_of_ours() -> None:
    assert settings("enable_uart") == ["0"]
    assert settings("dtparam") == ["i2c_arm=on", "spi=off", "audio=off"]
    assert settings("dtoverlay") == []
