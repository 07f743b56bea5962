"""The matrix tells what was seen, all of it and nothing else: rows that hold, rows that do not, tests without one."""

import json
from dataclasses import asdict
from pathlib import Path

from PIL import Image, ImageChops

from pi_companion.adapters.draw import draw
from pi_companion.core import out_of_service
from tests.guest.faults import PAGE, not_seen
from tests.guest.rows import GUEST, Row, Told, cells, page, read
from tests.guest.words import DARK, sequence, words_of

ROW = Row(fault="unplugged", parts=GUEST, sees="a | b", recovered="5 ms", lost="nothing")


def test_rows_are_read_as_they_were_written_down(tmp_path: Path) -> None:
    place = tmp_path / "rows.jsonl"
    lines = [
        {"test": "a.py::one", "is_held": True, "row": asdict(ROW), "message": ""},
        {"test": "a.py::two", "is_held": False, "row": None, "message": "it broke"},
    ]
    place.write_text("".join(json.dumps(line) + "\n" for line in lines))

    assert read(place) == [
        Told(test="a.py::one", is_held=True, row=ROW),
        Told(test="a.py::two", is_held=False, row=None, message="it broke"),
    ]
    assert read(tmp_path / "none") == []


def test_a_row_that_does_not_hold_says_so_and_a_test_without_one_is_not_seen() -> None:
    broken = Told(test="two", is_held=False, row=None, message="it broke")

    assert cells(Told(test="one", is_held=True, row=ROW)) == ("unplugged", GUEST, "a | b", "5 ms", "nothing", "yes")
    assert cells(broken) == ("two", "", "not seen", "", "", "NO: it broke")
    assert not_seen([Told(test="one", is_held=True, row=ROW), broken], ["one", "two", "three"]) == ["two", "three"]


def test_the_page_lists_what_was_never_run() -> None:
    text = page([Told(test="one", is_held=True, row=ROW)], seen="Seen here.", elsewhere=["there"], missing=["three"])

    assert "| unplugged | guest | a \\| b | 5 ms | nothing | yes |" in text
    assert text.endswith("## Not yet run\n\n- three\n")


def test_a_picture_is_read_wherever_it_was_moved() -> None:
    picture = draw(out_of_service.stopped())
    moved = ImageChops.offset(picture, 1, 1)

    assert words_of(moved) == "已停止 · 电话照常使用"
    assert words_of(Image.new("1", (128, 64))) == DARK
    assert sequence([picture, moved, draw(out_of_service.restarting())]) == [
        "已停止 · 电话照常使用",
        "即将重启 · 电话照常使用",
    ]


def test_every_fault_on_the_committed_page_was_lived_through() -> None:
    rows = [line for line in PAGE.read_text(encoding="utf-8").splitlines() if line.startswith("| ")][2:]

    assert len(rows) > 30
    assert [row for row in rows if not row.endswith("| yes |")] == []
