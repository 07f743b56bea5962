"""The README's diagrams and command table are what the code says."""

import pytest

from tests.repo.generate import README, renewed


def test_the_generated_parts_of_the_readme_are_up_to_date() -> None:
    text = README.read_text(encoding="utf-8")
    assert renewed(text) == text, "make docs"


def test_a_part_without_its_marks_is_reported() -> None:
    with pytest.raises(ValueError, match="diagrams"):
        renewed("no marks here")
