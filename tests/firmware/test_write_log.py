"""Is the replay of a write log what a card may hold after a power cut? On a log of a few sectors, drawn."""

import struct
from pathlib import Path
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.firmware.write_log import DISCARD, FLUSH, MAGIC, Card, Cut, cuts, entries

S = 512


def log_of(path: Path, *steps: tuple[int, bytes] | None) -> Path:
    """Write a log: a write as (sector, content), a flush as None."""
    blocks = [struct.pack("<QQQI", MAGIC, 1, len(steps), S).ljust(S, b"\0")]
    for step in steps:
        if step is None:
            blocks.append(struct.pack("<QQQQ", 0, 0, FLUSH, 0).ljust(S, b"\0"))
        else:
            sector, content = step
            blocks += [struct.pack("<QQQQ", sector, len(content) // S, 0, 0).ljust(S, b"\0"), content]
    path.write_bytes(b"".join(blocks))
    return path


def drawn(card: Path) -> str:
    """Return the first byte of each sector; a dot where there is none."""
    content = card.read_bytes()
    return "".join(chr(content[at]) if content[at] else "." for at in range(0, len(content), S))


@pytest.fixture
def card(tmp_path: Path) -> Path:
    path = tmp_path / "card"
    path.write_bytes(bytes(8 * S))
    return path


def test_everything_before_a_flush_is_there_and_of_the_rest_what_was_not_lost(tmp_path: Path, card: Path) -> None:
    log = log_of(tmp_path / "log", (0, b"a" * S), None, (1, b"b" * S), (2, b"c" * S), (3, b"dddd" * S))
    with Card(card, log) as replay:
        replay.advance(2)
        before = replay.cut(Cut(safe=2, begun=4, lost=frozenset({2}), torn_bytes=2 * S))
        cut = drawn(card)
        replay.restore(before)

    assert (cut, drawn(card)) == ("a.cdd...", "a.......")


def test_a_discard_leaves_zeros_and_has_no_data_in_the_log(tmp_path: Path, card: Path) -> None:
    log = log_of(tmp_path / "log", (0, b"aa" * S))
    with log.open("ab") as file:
        file.write(struct.pack("<QQQQ", 0, 1, DISCARD, 0).ljust(S, b"\0"))
        file.write(struct.pack("<QQQQ", 5, 1, 0, 0).ljust(S, b"\0") + b"b" * S)

    with Card(card, log) as replay:
        replay.advance(3)

    assert drawn(card) == ".a...b.."


def test_a_torn_end_of_the_log_is_left_out(tmp_path: Path) -> None:
    log = log_of(tmp_path / "log", (0, b"a" * S), (1, b"b" * S))
    log.write_bytes(log.read_bytes()[:-1])

    assert [each.offset for each in entries(log)] == [0]


@pytest.mark.parametrize("content", [b"", b"x" * 27, b"x" * 4096])
def test_what_is_no_log_is_told(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "log").write_bytes(content)

    with pytest.raises(ValueError, match="write log"):
        entries(tmp_path / "log")


@settings(deadline=None)  # a busy machine is no defect
@given(
    steps=st.lists(st.none() | st.tuples(st.integers(0, 5), st.integers(1, 2)), min_size=1, max_size=30),
    seed=st.integers(),
)
def test_no_cut_loses_what_was_flushed_or_has_what_was_not_begun(
    tmp_path_factory: pytest.TempPathFactory, steps: list[tuple[int, int] | None], seed: int
) -> None:
    path = tmp_path_factory.mktemp("log") / "log"
    log = entries(log_of(path, *(step and (step[0], b"x" * S * step[1]) for step in steps)))

    for cut in cuts(log, 20, Random(seed)):  # noqa: S311 - a moment, no secret
        flushes = [index for index, step in enumerate(steps) if step is None and index < cut.begun]
        assert cut.safe == (flushes[-1] + 1 if flushes else 0)
        assert all(cut.safe <= index < cut.begun for index in cut.lost)
        assert cut.torn_bytes <= log[cut.begun].size
