"""Law 9, when something breaks: whatever is raised while words are handled, what is printed has its place, not them."""

import logging
from collections.abc import Callable

import pytest
import typer

from pi_companion import cli_live, config
from pi_companion.adapters.oled import open_oled
from pi_companion.bench.board import Board
from pi_companion.bench.phone import DeskPhone
from pi_companion.core.companion import Companion
from pi_companion.core.effects import Effect
from pi_companion.core.facts import Fact, FactOutOfOrder, Side, Word, WordsHeard
from pi_companion.live import journal
from pi_companion.live.parts import Parts
from pi_companion.live.service import Live
from pi_companion.pinout import Pinout

TEXT = "我的密码是三零二五七八"
HEARD = WordsHeard(
    at=0,
    side=Side.CUSTOMER,
    words=(Word(text=TEXT, syllables=("wo", "de", "mi", "ma"), began=0, ended=900, confidence_pct=100),),
    is_final=True,
)


def in_words(_fact: Fact) -> None:
    raise ValueError(f"cannot make anything of {TEXT}")


def in_a_cause(fact: Fact) -> None:
    try:
        in_words(fact)
    except ValueError as error:
        raise RuntimeError(f"while {fact!r} was handled") from error


def in_the_core(fact: Fact) -> None:
    raise FactOutOfOrder(f"{fact!r} is older than what came before")


def in_a_key(fact: Fact) -> None:
    raise KeyError(fact)


def in_a_group(fact: Fact) -> None:
    raise ExceptionGroup(TEXT, [ValueError(TEXT), KeyError(fact)])


RAISES: tuple[Callable[[Fact], None], ...] = (in_words, in_a_cause, in_the_core, in_a_key, in_a_group)


class Fragile(Companion):
    """Decides as the companion does until words come."""

    fails: Callable[[Fact], None]

    def handle(self, fact: Fact) -> tuple[Effect, ...]:
        if isinstance(fact, WordsHeard):
            self.fails(fact)
        return super().handle(fact)


def device(fails: Callable[[Fact], None]) -> Live:
    board = Board(Pinout(), DeskPhone(key_delay_ms=60))

    def fragile(pack: object, station: object) -> Fragile:
        mind = Fragile(pack, station)  # type: ignore[arg-type]  # handed on as they come
        mind.fails = fails
        return mind

    parts = Parts(factory=board.factory, open_panel=lambda: open_oled("capture"), is_simulated=True)
    return Live(config.Site(), parts, None, new_mind=fragile)


def has_words(told: str) -> bool:
    return any(char in told for char in TEXT) or "\\u" in told or "mi', 'ma" in told or "syllables" in told


@pytest.mark.parametrize("fails", RAISES, ids=lambda each: each.__name__)
def test_a_defect_where_words_are_decided_on_is_told_without_them(
    fails: Callable[[Fact], None], capfd: pytest.CaptureFixture[str]
) -> None:
    live = device(fails)
    live._inbox.put(HEARD)
    with pytest.raises(typer.Exit) as end, cli_live._without_words(), journal.written(logging.DEBUG):
        live.run()
    told = "".join(capfd.readouterr())

    assert (end.value.exit_code, has_words(told), f"in {fails.__name__}" in told) == (1, False, True)


@pytest.mark.parametrize("fails", RAISES, ids=lambda each: each.__name__)
def test_a_defect_where_words_are_made_is_told_without_them(
    fails: Callable[[Fact], None], capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    live = device(lambda _fact: None)
    monkeypatch.setattr(live._hearing, "turn", lambda *_: fails(HEARD))
    with pytest.raises(typer.Exit) as end, cli_live._without_words(), journal.written(logging.DEBUG):
        live.run()
    told = "".join(capfd.readouterr())

    assert (end.value.exit_code, has_words(told), f"in {fails.__name__}" in told) == (1, False, True)


def test_no_name_of_a_person_or_word_is_in_a_journal_at_its_most_talkative(
    capfd: pytest.CaptureFixture[str],
) -> None:
    live = device(lambda _fact: None)
    with journal.written(logging.DEBUG):
        live._inbox.put(HEARD)
        turns = iter([False] * 3)
        live.run(lambda: next(turns, True))

    assert not has_words("".join(capfd.readouterr()))
