from pathlib import Path

import pytest

from pi_companion.evaluation.drilling import AGENT_NAME
from pi_companion.evaluation.work import BEST_FORMS, Crew, Heard, Listen, Method, Setup, possible
from pi_companion.speech import models

TESTS = Path(__file__).parents[1]
NEGATIVE = sorted((TESTS / "negative").glob("*.ogg"))


def jobs() -> list[Listen]:
    files = sorted((TESTS / "drill").glob("00[0-2]-*.flac"))
    return [Listen(file=file, condition="babble, 10 dB", methods=BEST_FORMS) for file in files]


def done(workers: int) -> list[Heard]:
    setup = Setup(pack=None, names={"agent_name": AGENT_NAME}, model=models.bundled(), babble=tuple(NEGATIVE[-1:]))
    crew = Crew(setup, workers)
    try:
        return list(crew.work(jobs()))
    finally:
        crew.close()


def test_two_processes_measure_what_one_does_in_the_same_order() -> None:
    assert done(2) == done(1)


def test_a_model_with_a_graph_made_beforehand_allows_no_grammar(tmp_path: Path) -> None:
    model = models.Model(name="static", path=tmp_path, source=models.Source.EXPLICIT)

    assert possible(Method, model) == (Method.DEVICE, Method.TEXT, Method.TEXT_LIVE)


def test_a_closed_crew_does_no_more_work() -> None:
    crew = Crew(Setup(pack=None, names={}, model=models.bundled(), babble=()), 2)
    crew.close()

    with pytest.raises(RuntimeError, match="closed"):
        crew.work([])
