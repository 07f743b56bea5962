"""The README's diagrams and command table, and the generated pages, are what the code says."""

from pathlib import Path

import pytest

from pi_companion.adapters.gallery import SAMPLE_STATION
from pi_companion.packs import load_pack
from tests.repo import texts_page
from tests.repo.generate import PAGES, README, TEXTS, renewed


def test_the_generated_parts_of_the_readme_are_up_to_date() -> None:
    text = README.read_text(encoding="utf-8")
    assert renewed(text) == text, "make docs"


def test_a_part_without_its_marks_is_reported() -> None:
    with pytest.raises(ValueError, match="diagrams"):
        renewed("no marks here")


@pytest.mark.parametrize("path", PAGES, ids=lambda path: path.name)
def test_a_generated_page_is_up_to_date(path: Path) -> None:
    assert path.read_text(encoding="utf-8") == PAGES[path](), "make docs"


def test_every_text_that_the_agent_can_read_is_on_the_page_with_a_screen() -> None:
    pack = load_pack(None, names=SAMPLE_STATION.names)
    page = TEXTS.read_text(encoding="utf-8")
    titles = [text for rule in pack.rules for text in (rule.title, rule.say)]
    pages = [text for answer in pack.answers for text in (answer.title, *answer.pages)]
    absent = [text for text in (*titles, *pages, *(text for _, text in pack.reminders)) if text not in page]

    assert (texts_page.unread(pack), absent) == ([], [])
