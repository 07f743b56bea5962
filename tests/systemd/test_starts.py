"""The restart ladder: what is counted, what is shown, when it is given up."""

from pathlib import Path

import pytest

from pi_companion.core import out_of_service
from pi_companion.core.out_of_service import Reason
from pi_companion.core.states import Screen
from pi_companion.errors import CompanionError, ConfigError, GivenUp, HardwareError, ModelError, PackError
from pi_companion.live import starts

PINS = HardwareError("no chip")


@pytest.fixture
def run(tmp_path: Path) -> dict[str, str]:
    return {"RUNTIME_DIRECTORY": str(tmp_path)}


def fail(run: dict[str, str], error: BaseException | None = PINS, result: str = "exit-code") -> Screen:
    """A start that fails, and what systemd's ExecStopPost shows then."""
    starts.begin(run)
    if error is not None:
        starts.record_failure(error, run)
    return starts.after_exit(run | {"SERVICE_RESULT": result})


def test_each_failed_start_is_followed_by_the_next(run: dict[str, str]) -> None:
    fail(run)
    fail(run)

    assert starts.begin(run) == 3


def test_the_third_failed_start_is_given_up_with_its_reason(run: dict[str, str]) -> None:
    shown = [fail(run) for _ in range(3)]

    assert shown == [
        out_of_service.restarting(),
        out_of_service.restarting(),
        out_of_service.cannot_start(Reason.PINS, 6),
    ]


def test_a_fourth_start_is_refused(run: dict[str, str]) -> None:
    for _ in range(3):
        fail(run)

    with pytest.raises(GivenUp, match="3 starts have failed \\(pins\\)"):
        starts.begin(run)


def test_the_refused_start_is_not_counted_and_leaves_the_reason(run: dict[str, str]) -> None:
    for _ in range(3):
        fail(run)
    with pytest.raises(GivenUp):
        starts.begin(run)

    assert starts.after_exit(run | {"SERVICE_RESULT": "exit-code", "EXIT_STATUS": "6"}) == out_of_service.cannot_start(
        Reason.PINS, 6
    )


def test_after_safe_mode_with_its_reason_the_count_begins_anew(run: dict[str, str]) -> None:
    for _ in range(3):
        fail(run, ConfigError("site.toml", ["a mistake"]))
    with pytest.raises(GivenUp):
        starts.begin(run)

    assert starts.safe_mode(run) == out_of_service.cannot_start(Reason.SETTINGS, 6)
    assert starts.begin(run) == 1


def test_a_good_start_forgets_the_failed_ones(run: dict[str, str]) -> None:
    fail(run)
    fail(run)
    starts.begin(run)
    starts.ready(run)
    starts.after_exit(run | {"SERVICE_RESULT": "watchdog"})

    assert starts.begin(run) == 1


def test_a_crash_at_work_is_no_failed_start_but_safe_mode_knows_its_reason(run: dict[str, str]) -> None:
    starts.begin(run)
    starts.ready(run)
    shown = starts.after_exit(run | {"SERVICE_RESULT": "oom-kill"})

    assert (shown, starts.safe_mode(run)) == (
        out_of_service.restarting(),
        out_of_service.cannot_start(Reason.MEMORY, 6),
    )


def test_stopped_while_starting_is_stopped_and_no_failure(run: dict[str, str]) -> None:
    starts.begin(run)

    assert starts.after_exit(run | {"SERVICE_RESULT": "success"}) == out_of_service.stopped()
    assert starts.begin(run) == 1


@pytest.mark.parametrize(
    ("error", "reason"),
    [
        (ConfigError("site.toml", ["x"]), Reason.SETTINGS),
        (PackError("pack.toml", ["x"]), Reason.PACK),
        (ModelError("truncated"), Reason.MODEL),
        (HardwareError("busy"), Reason.PINS),
        (MemoryError(), Reason.MEMORY),
        (ZeroDivisionError(), Reason.DEFECT),
        (CompanionError("other"), Reason.DEFECT),
    ],
)
def test_the_reason_is_the_kind_of_the_error(run: dict[str, str], error: BaseException, reason: Reason) -> None:
    for _ in range(3):
        shown = fail(run, error)

    assert shown == out_of_service.cannot_start(reason, 6)


@pytest.mark.parametrize(
    ("result", "reason"),
    [
        ("oom-kill", Reason.MEMORY),
        ("timeout", Reason.HANG),
        ("watchdog", Reason.HANG),
        ("signal", Reason.DEFECT),
        ("core-dump", Reason.DEFECT),
        ("exit-code", Reason.DEFECT),
        ("protocol", Reason.DEFECT),
    ],
)
def test_a_program_that_could_not_say_why_is_told_by_systemd(run: dict[str, str], result: str, reason: Reason) -> None:
    for _ in range(3):
        shown = fail(run, None, result)

    assert shown == out_of_service.cannot_start(reason, 6)


def test_an_old_reason_is_not_told_of_a_new_failure(run: dict[str, str]) -> None:
    fail(run, ConfigError("site.toml", ["x"]))
    fail(run, None)

    assert fail(run, None) == out_of_service.cannot_start(Reason.DEFECT, 6)


@pytest.mark.parametrize("content", ["", "{}", "[]", '{"failed": "x"}', "\x00", '{"failed":9,"reason":"?"}'])
def test_a_spoilt_file_is_none(run: dict[str, str], content: str) -> None:
    (Path(run["RUNTIME_DIRECTORY"]) / "starts.json").write_text(content, encoding="utf-8")

    assert starts.begin(run) == 1


def test_the_file_has_a_count_and_a_word_and_no_text(run: dict[str, str]) -> None:
    fail(run, ConfigError("site.toml", ["您听我说"]))

    found = {path.name: path.read_text(encoding="utf-8") for path in Path(run["RUNTIME_DIRECTORY"]).iterdir()}
    assert found == {"starts.json": '{"failed": 1, "reason": "settings", "is_under_way": false, "is_leaving": false}'}


def test_without_a_place_to_count_every_start_is_the_first() -> None:
    for _ in range(4):
        assert starts.begin({}) == 1
        starts.after_exit({"SERVICE_RESULT": "exit-code"})


def test_a_read_only_place_costs_the_count_and_not_the_start(tmp_path: Path) -> None:
    assert starts.begin({"RUNTIME_DIRECTORY": str(tmp_path / "gone")}) == 1
