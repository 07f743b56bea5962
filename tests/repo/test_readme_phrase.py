"""Can a person follow the README and hear a phrase of their own? Does exactly what its section says."""

import re
import shlex
from pathlib import Path

import pytest
from typer.testing import CliRunner

from pi_companion.cli import app

ROOT = Path(__file__).parents[2]


def section(title: str) -> str:
    return re.split(
        r"^##+ ", (ROOT / "README.md").read_text("utf-8").partition(f"### {title}\n")[2], flags=re.MULTILINE
    )[0]


def blocks(text: str) -> list[tuple[str, str]]:
    """Language and content of each block set apart in a text; commands have no language."""
    return re.findall(r"^```(\w*)\n(.*?)^```$", text, flags=re.MULTILINE | re.DOTALL)


def test_adding_a_phrase_as_the_readme_says_makes_it_heard_in_the_replay(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    said = section("Change what it listens for")
    (promised,) = re.findall(r"`(heard [^`]+)`", said)
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("PI_COMPANION_SITE", raising=False)
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    (tmp_path / "pi_companion").symlink_to(ROOT / "pi_companion")

    def typed(command: str) -> str:
        program, *words = shlex.split(command)
        assert program == "pi-companion"
        ended = CliRunner().invoke(app, words)
        assert (ended.exception, ended.exit_code) == (None, 0)
        return ended.stdout

    (_, copy), (_, lines), (_, check), (_, site), (_, replay) = blocks(said)
    typed(copy)
    pack, (above, _) = tmp_path / "our-hotline.toml", lines.splitlines()
    assert promised not in typed(replay.partition(" --site")[0])
    assert pack.read_text("utf-8").count(f"{above}\n") == 1
    pack.write_text(pack.read_text("utf-8").replace(f"{above}\n", lines), encoding="utf-8")
    assert "您听我说" in typed(check)
    (tmp_path / "site.toml").write_text(site, encoding="utf-8")
    assert promised in typed(replay)
