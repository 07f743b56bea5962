"""A step is done once for what goes into it, and goes on where it was interrupted."""

from pathlib import Path

import pytest

from firmware.model.steps import key, step


def test_the_key_follows_contents_and_values(tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.write_text("one")
    before = key(file, {"rate": 1, "epochs": 2})
    assert before == key(file, {"epochs": 2, "rate": 1})
    assert before != key(file, {"rate": 1, "epochs": 3})
    file.write_text("two")
    assert before != key(file, {"rate": 1, "epochs": 2})


def test_a_step_is_made_once_and_again_for_another_key(tmp_path: Path) -> None:
    made: list[str] = []

    def make(content: str, path: Path) -> None:
        made.append(content)
        path.write_text(content)

    first = step(tmp_path, "net.npz", "a" * 12, lambda path: make("a", path))
    assert step(tmp_path, "net.npz", "a" * 12, lambda path: make("again", path)) == first
    second = step(tmp_path, "net.npz", "b" * 12, lambda path: make("b", path))
    assert made == ["a", "b"]
    assert [path.name for path in tmp_path.iterdir()] == [second.name] == ["net-bbbbbbbbbbbb.npz"]


def test_an_interrupted_step_is_not_taken_for_done_and_finds_its_work(tmp_path: Path) -> None:
    def interrupted(path: Path) -> None:
        path.write_text("half")
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        step(tmp_path, "net.npz", "a" * 12, interrupted)
    found: list[str] = []
    result = step(tmp_path, "net.npz", "a" * 12, lambda path: found.append(path.read_text()))
    assert found == ["half"]
    assert result.read_text() == "half"
