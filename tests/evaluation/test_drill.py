"""The bundled drill and negative speech through the real ear: a part of `make eval` that every test run repeats."""

from pathlib import Path

import pytest

from pi_companion.evaluation.conditions import CLEAN
from pi_companion.evaluation.drilling import AGENT_NAME
from pi_companion.evaluation.figures import Recall, recall_of, total
from pi_companion.evaluation.hearing import Detection
from pi_companion.evaluation.material import Drill, read_drill
from pi_companion.evaluation.work import BEST_FORMS, Heard, Listen, Method, Setup, Workplace
from pi_companion.speech import models

TESTS = Path(__file__).parents[1]
DRILL = read_drill(TESTS / "drill")
FIRST = {"OPEN-1", "OPEN-2", "RING-2"}

LEAST_RECALL = 0.93
MOST_P50_MS, MOST_P95_MS = 500, 800


@pytest.fixture(scope="module")
def workplace() -> Workplace:
    return Workplace(Setup(pack=None, names={"agent_name": AGENT_NAME}, model=models.bundled(), babble=()))


def heard(workplace: Workplace, drill: Drill) -> Heard:
    return workplace.listen(
        Listen(file=drill.file, condition=CLEAN.name, is_first=drill.rule in FIRST, methods=BEST_FORMS)
    )


# One voice a test: two processes share the work.
@pytest.mark.parametrize("voice", sorted({drill.voice for drill in DRILL}))
def test_a_voices_drill_is_heard_in_time_and_better_than_by_either_simple_way(workplace: Workplace, voice: str) -> None:
    drill = [one for one in DRILL if one.voice == voice]
    ran = [heard(workplace, one) for one in drill]

    def recall(method: Method) -> Recall:
        return total(recall_of(one, each.found[method]) for one, each in zip(drill, ran, strict=True))

    device = recall(Method.DEVICE)
    assert device.share >= LEAST_RECALL
    assert device.near_misses_fired == 0
    assert (device.latency_ms(50) or 0) <= MOST_P50_MS
    assert (device.latency_ms(95) or 0) <= MOST_P95_MS
    for method in BEST_FORMS[1:]:
        simple = recall(method)
        assert (device.hits, -device.near_misses_fired) > (simple.hits, -simple.near_misses_fired), method


def test_nothing_fires_on_the_shortest_of_the_negative_files(workplace: Workplace) -> None:
    # All of it is in `make eval`; here it would take half a minute.
    file = min((TESTS / "negative").glob("*.ogg"), key=lambda path: path.stat().st_size)

    found = workplace.listen(Listen(file=file, condition=CLEAN.name)).found

    assert found == {Method.DEVICE: tuple[Detection, ...]()}
