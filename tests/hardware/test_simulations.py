"""Does every circuit keep its limits when it is simulated anew, and do the pages say what comes out?"""

from dataclasses import replace

import pytest

from hardware.circuits import mute_contact, sim_faults, sim_mute_contact
from hardware.circuits.figures import Figure, committed, is_close
from hardware.circuits.model import Circuit
from hardware.circuits.simulations import SIMULATIONS
from hardware.circuits.spice import Corner, deck, run
from pi_companion.errors import HardwareError


@pytest.mark.parametrize("name", SIMULATIONS)
def test_the_simulation_keeps_its_limits_and_says_what_the_page_says(name: str) -> None:
    said = SIMULATIONS[name].run()

    assert [f"{each.what}: {each.value:g}, {each.limit}" for each in said if not each.holds] == []
    assert [
        f"{new.what}: {new.value:g}, the page has {old.value:g}; run: make circuits"
        for new, old in zip(said, committed()[name], strict=True)
        if not is_close(new, old)
    ] == []


def with_value(ref: str, value: str) -> Circuit:
    parts = tuple(replace(part, value=value) if part.ref == ref else part for part in mute_contact.CIRCUIT.parts)
    return replace(mute_contact.CIRCUIT, parts=parts)


def test_the_deck_has_the_values_of_the_netlist() -> None:
    assert "RR106 wanted charge 360000" in deck(mute_contact.CIRCUIT)
    assert "RR106 wanted charge 1e+06" in deck(with_value("R106", "1M"))
    assert "RR106 wanted charge 396000" in deck(mute_contact.CIRCUIT, Corner(factors={"R106": 1.1}))


def test_a_one_shot_that_is_too_slow_is_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sim_mute_contact, "CIRCUIT", with_value("R106", "680k"))

    assert sim_mute_contact.longest(sim_mute_contact.closed(sim_mute_contact.stuck(900), for_ms=700)) > 300


def test_without_its_capacitor_the_one_shot_is_no_more_and_the_simulation_sees_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    parts = tuple(part for part in mute_contact.CIRCUIT.parts if part.ref != "D102")
    monkeypatch.setattr(sim_mute_contact, "CIRCUIT", replace(mute_contact.CIRCUIT, parts=parts))

    assert sim_mute_contact.longest(sim_mute_contact.closed(sim_mute_contact.stuck(900), for_ms=600)) > 300


def test_the_faults_that_defeat_the_one_shot_are_those_that_the_page_lists() -> None:
    bad = {each.what.partition(",")[0] for each in committed()["mute-contact-faults"] if each.most is None}

    assert bad == sim_faults.DEFEATING
    assert all(each.value > 300 for each in committed()["mute-contact-faults"] if each.most is None)


def test_a_deck_that_ngspice_refuses_is_an_error() -> None:
    with pytest.raises(HardwareError, match="ngspice"):
        run(["Rbroken a 0 nonsense", "Xmissing a 0 nowhere"], "tran 1m 2m 0 1m", ("v(a)",))


@pytest.mark.parametrize(("value", "holds"), [(300.0, True), (301.0, False)])
def test_a_figure_beyond_its_limit_does_not_hold(value: float, holds: bool) -> None:
    assert Figure(what="press", value=value, unit="ms", most=300).holds is holds


def test_a_figure_that_moved_is_not_close() -> None:
    figure = Figure(what="press", value=250, unit="ms", most=300)

    assert is_close(figure, replace(figure, value=251))
    assert not is_close(figure, replace(figure, value=270))
    assert not is_close(figure, replace(figure, most=400))
