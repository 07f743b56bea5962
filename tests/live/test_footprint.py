"""What the live device loads, and what of it stays: see `footprint`."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from pi_companion.bench.calls import bundled_call
from pi_companion.session import folder

ROOT = Path(__file__).parents[2]
SPOKEN_BYTES = 25 * 64_000
"""Of a call: a greeting, a request, an answer."""

LEFT_TO_OTHER_COMMANDS = {"cryptography", "holidays", "soundfile"}
"""Libraries of several megabytes each, which the running device has no use for."""


def service_environ() -> dict[str, str]:
    """What the unit sets for the allocator."""
    lines = (ROOT / "systemd" / "pi-companion.service").read_text(encoding="utf-8").splitlines()
    (found,) = (line for line in lines if line.startswith("Environment=MALLOC_"))
    return dict(each.split("=", 1) for each in found.removeprefix("Environment=").split())


@pytest.fixture(scope="module")
def printed(tmp_path_factory: pytest.TempPathFactory) -> list[str]:
    audio = tmp_path_factory.mktemp("call") / "audio"
    audio.write_bytes(folder.read_audio(folder.load(bundled_call("03-hold-with-consent")))[:SPOKEN_BYTES])
    environ = {**os.environ, **service_environ()}
    words = [sys.executable, "-m", "tests.live.footprint", str(audio)]
    done = subprocess.run(words, cwd=ROOT, env=environ, capture_output=True, text=True, check=True)  # noqa: S603 - our own words
    return done.stdout.splitlines()


def test_what_only_other_commands_need_is_not_loaded(printed: list[str]) -> None:
    loaded = {name.partition(".")[0] for name in json.loads(printed[-1])}

    assert loaded & LEFT_TO_OTHER_COMMANDS == set()
