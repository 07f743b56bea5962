"""Thirteen provisions, each with a check or a document that is really there; and pictures that the pages show."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "SECURITY.md").read_text()
ROWS = re.findall(r"^\| (5\.\d+) .*\| (.+?) \|$", PAGE, re.MULTILINE)
PAGES = (
    "pi_companion/site/README.md",
    "pi_companion/site/SWAP.zh-CN.md",
    "pi_companion/fleet/README.md",
    "SECURITY.md",
)


def test_every_provision_has_its_row() -> None:
    assert [number for number, _ in ROWS] == [f"5.{number}" for number in range(1, 14)]


@pytest.mark.parametrize(("number", "where"), ROWS)
def test_the_check_or_document_of_a_provision_is_there(number: str, where: str) -> None:
    checks = re.findall(r"`(tests/[\w/]+\.py)::(test_\w+)`", where)
    documents = re.findall(r"\]\((.+?)\)", where)

    assert checks or documents, number
    assert [name for path, name in checks if f"def {name}(" not in (ROOT / path).read_text()] == []
    assert [path for path in documents if not (ROOT / path).exists()] == []


@pytest.mark.parametrize("page", PAGES)
def test_what_a_page_links_to_is_there(page: str) -> None:
    place = ROOT / page
    links = re.findall(r"\]\(([^)#:]+)\)", place.read_text())

    missing = [link for link in links if not (place.parent / link).exists()]
    assert (missing, bool(links)) == ([], True)
