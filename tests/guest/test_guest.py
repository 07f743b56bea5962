"""What of the guest's host side can be wrong without a kernel: keys, plans, results. The rest is `make test-live`."""

import io
from pathlib import Path

import pytest
from rich.console import Console

from tests.guest import building
from tests.guest.building import Built, cache_folder, key_of, refused_settings
from tests.guest.guest import Outcome, command_line, outcomes, plan, run_kernel, table_of
from tests.guest.parts import Seen, spans

BUILT = Built(
    kernel=Path("/cache/linux"),
    modules=Path("/cache/modules"),
    device_tree=Path("/cache/board.dtb"),
    python=Path("/cache/python"),
)
RESULTS = """<testsuites><testsuite>
<testcase name="test_a_call_goes_through" time="63.5"><properties><property name="pulse" value="120 ms"/></properties>
</testcase>
<testcase name="test_it_stops" time="1.25"><failure message="it did not">long</failure></testcase>
</testsuite></testsuites>"""


def test_a_part_is_built_anew_when_any_of_what_it_is_made_from_changes() -> None:
    assert len({key_of("a", "bc"), key_of("ab", "c"), key_of("a", "bd"), key_of("a", b"bc", "")}) == 4


def test_the_cache_is_where_the_variable_says(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv(building.CACHE_VARIABLE, str(tmp_path))

    assert cache_folder() == tmp_path


def test_without_the_variable_the_cache_is_the_users(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.delenv(building.CACHE_VARIABLE, raising=False)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))

    assert cache_folder() == tmp_path / "pi-companion" / "guest"


def test_a_setting_that_the_kernel_refused_is_named_and_one_that_is_gone_is_no_matter() -> None:
    wanted = "# pins\nCONFIG_GPIO_SIM=y\nCONFIG_SOUND=y\n# CONFIG_USB is not set\n# CONFIG_GONE is not set\n"

    assert refused_settings(wanted, "CONFIG_SOUND=y\nCONFIG_USB=y\n") == [
        "CONFIG_GPIO_SIM=y",
        "# CONFIG_USB is not set",
    ]


def test_every_setting_of_the_fragment_is_one_the_check_sees() -> None:
    fragment = (building.HERE / "kernel" / "config").read_text()
    settings = [line for line in fragment.splitlines() if "CONFIG_" in line]

    assert refused_settings(fragment, "CONFIG_NONE=y") == [line for line in settings if not line.startswith("#")]


@pytest.mark.parametrize(("is_real_time", "given"), [(False, True), (True, False)])
def test_time_is_simulated_unless_it_is_to_be_real(is_real_time: bool, given: bool) -> None:
    words = command_line(BUILT, Path("/run"), 7, is_real_time=is_real_time)

    assert ("time-travel=inf-cpu" in words) is given


def test_the_plan_always_ends_with_power_off() -> None:
    script = plan(["-k", "a or b"], python=Path("/py"), repository=Path("/repo"), run=Path("/run"))

    assert "-k 'a or b'" in script
    assert script.endswith("sync\nsystemctl poweroff --force --force\n")


def test_results_are_read_with_what_was_measured(tmp_path: Path) -> None:
    (tmp_path / "results.xml").write_text(RESULTS)

    assert outcomes(tmp_path / "results.xml") == [
        Outcome(name="a call goes through", verdict="ok", took_s=63.5, measured=(("pulse", "120 ms"),), message=""),
        Outcome(name="it stops", verdict="FAILED", took_s=1.25, measured=(), message="it did not"),
    ]


@pytest.mark.parametrize("text", [None, ""])
def test_a_guest_that_died_has_no_results(tmp_path: Path, text: str | None) -> None:
    if text is not None:
        (tmp_path / "results.xml").write_text(text)

    assert outcomes(tmp_path / "results.xml") == []


def test_the_table_says_what_failed() -> None:
    console = Console(width=100, record=True, file=io.StringIO())
    console.print(table_of([Outcome(name="it stops", verdict="FAILED", took_s=1, measured=(), message="")]))

    assert "it stops" in console.export_text()


def test_a_kernel_that_hangs_is_ended(tmp_path: Path) -> None:
    is_cut_off = run_kernel(lambda _report: ["/bin/sh", "-c", "sleep 1000 & wait"], tmp_path / "console.txt", limit_s=1)

    assert is_cut_off


def test_what_the_tests_print_on_the_second_line_is_shown(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    is_cut_off = run_kernel(
        lambda report: ["/bin/bash", "-c", f"echo boot; echo passed >&{report}"], tmp_path / "console.txt", limit_s=60
    )

    assert not is_cut_off
    assert capsys.readouterr().out.endswith("] passed\n")
    assert (tmp_path / "console.txt").read_text() == "boot\n"


def test_a_span_lasts_from_on_to_off_and_one_that_goes_on_is_left_out() -> None:
    levels = [(5, "mute", True), (7, "green", True), (9, "mute", False), (12, "mute", True)]
    seen = [Seen(at=at, line=line, is_on=is_on) for at, line, is_on in levels]

    assert spans(seen, "mute") == [(5, 9)]
