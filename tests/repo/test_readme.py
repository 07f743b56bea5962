"""Does the README keep up with what can be typed? Read from the command line itself, so that neither can lag."""

from pathlib import Path

import pytest
import typer
from typer.core import TyperGroup
from typer.main import get_command

from pi_companion import cli

ROOT = Path(__file__).parents[2]


def commands(command: object, name: str) -> list[str]:
    """Every command that does something, spelled as it is typed; hidden ones left out."""
    if not isinstance(command, TyperGroup):
        return [name]
    visible = ((word, below) for word, below in command.commands.items() if not below.hidden)
    return [typed for word, below in visible for typed in commands(below, f"{name} {word}")]


def test_commands_of_groups_are_found_and_hidden_ones_are_not() -> None:
    model, top = typer.Typer(), typer.Typer()
    model.command("list")(lambda: None)
    model.command("old", hidden=True)(lambda: None)
    model.command("check")(lambda: None)
    top.command("demo")(lambda: None)
    top.add_typer(model, name="model")

    assert commands(get_command(top), "x") == ["x demo", "x model list", "x model check"]


@pytest.mark.parametrize("typed", ["make demo", "make test", *commands(get_command(cli.app), "pi-companion")])
def test_the_readme_shows(typed: str) -> None:
    assert typed in (ROOT / "README.md").read_text()
