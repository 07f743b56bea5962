"""Do the models have the figures that the datasheets give? A simulation is worth what its models are."""

import numpy as np
import pytest

from hardware.circuits.spice import Result, run


def at_rest(*lines: str, asked: str, celsius: float = 25) -> float:
    return float(run(lines, "tran 1m 200m 0 1m", (asked,), celsius)[asked][-1])


def swept(*lines: str, asked: str) -> Result:
    """A source named sweep goes from 0 to its most in one second."""
    return run(lines, "tran 1m 1 0 1m", (asked,))


def test_the_photomos_led_drops_1_14_v_at_5_ma_and_1_25_v_at_50_ma() -> None:
    drops = [at_rest(f"I1 0 a {current}m", "Dled a 0 led_infrared", asked="v(a)") for current in (5, 50)]

    assert drops == pytest.approx([1.14, 1.25], abs=0.02)


@pytest.mark.parametrize("polarity", [1, -1])
def test_the_photomos_closes_above_its_current_and_opens_below_for_both_polarities(polarity: int) -> None:
    lines = ("Isweep 0 a PWL(0 0 1 4m)", f"V1 top 0 {5 * polarity}", "R1 top one 1k", "Xk a 0 one 0 photomos ion=1.3m")
    result = swept(*lines, asked="v(one)")
    closes_at = 4e-3 * float(result.at[np.flatnonzero(np.abs(result["v(one)"]) < 2.5)[0]])

    assert closes_at == pytest.approx(1.3e-3, rel=0.05)
    assert abs(float(result["v(one)"][-1])) == pytest.approx(5 / 1001, rel=0.05)


def test_the_photomos_leaks_at_most_1_ua_at_60_v_when_off() -> None:
    assert at_rest("V1 one 0 60", "Xk a 0 one 0 photomos", "Ra a 0 1k", asked="i(v1)") == pytest.approx(-1e-6, rel=0.05)


@pytest.mark.parametrize(("amperes", "volts"), [("10u", 0.38), ("1m", 0.58), ("10m", 0.72)])
def test_the_small_diode_drops_what_it_does(amperes: str, volts: float) -> None:
    assert at_rest(f"I1 0 a {amperes}", "D1 a 0 d1n4148", asked="v(a)") == pytest.approx(volts, abs=0.04)


def test_the_small_diode_leaks_no_more_than_25_na_backwards() -> None:
    assert abs(at_rest("V1 a 0 -5", "D1 a 0 d1n4148", asked="i(v1)")) < 25e-9


def test_the_comparator_drops_no_more_than_its_datasheet_at_4_ma() -> None:
    high = at_rest("V1 d 0 5", "Xc d 0 out d 0 comparator rhigh=125", "I1 out 0 4m", asked="v(out)")
    low = at_rest("V1 d 0 5", "Xc 0 d out d 0 comparator rlow=75", "I1 0 out 4m", asked="v(out)")

    assert [high, low] == pytest.approx([4.5, 0.3], abs=0.02)


def test_the_open_comparator_pulls_low_only() -> None:
    low = at_rest("V1 d 0 3.3", "Xc 0 d out d 0 open_comparator", "R1 d out 10k", asked="v(out)")
    high = at_rest("V1 d 0 3.3", "Xc d 0 out d 0 open_comparator", "R1 d out 10k", asked="v(out)")

    assert [low, high] == pytest.approx([0.033, 3.3], abs=0.01)


def test_the_zener_conducts_1_ma_at_62_v() -> None:
    result = swept("Vsweep k 0 PWL(0 0 1 70)", "Xz 0 k zener", asked="i(vsweep)")
    begins = 70 * float(result.at[np.flatnonzero(np.abs(result["i(vsweep)"]) > 1e-3)[0]])

    assert begins == pytest.approx(62, abs=0.6)


def test_the_varistor_conducts_1_ma_at_270_v_and_clamps_no_better_than_its_455_v_at_25_a() -> None:
    result = swept("Vsweep a 0 PWL(0 0 1 600)", "Xv a 0 varistor", asked="i(vsweep)")
    amperes = np.abs(result["i(vsweep)"])
    volts = [600 * float(result.at[np.flatnonzero(amperes > limit)[0]]) for limit in (1e-3, 25.0)]

    assert volts[0] == pytest.approx(270, rel=0.05)
    assert 455 <= volts[1] <= 600


@pytest.mark.parametrize(("lux", "microamperes"), [(100, 350), (10, 35), (0, 0.003)])
def test_the_eye_gives_350_ua_at_100_lx(lux: int, microamperes: float) -> None:
    found = at_rest("V1 c 0 5", f"Vlux lux 0 {lux}", "Xe c 0 lux eye", asked="i(v1)")

    assert -found * 1e6 == pytest.approx(microamperes, rel=0.02, abs=0.01)


def test_the_coupler_gives_its_gain_for_both_directions() -> None:
    found = [
        at_rest(f"I1 0 a {1 * sign}m", "V1 c 0 5", "Xu a 0 0 c ac_coupler gain=0.2", asked="i(v1)") for sign in (1, -1)
    ]

    assert found == pytest.approx([-0.2e-3, -0.2e-3], rel=0.02)


def test_the_transformer_passes_speech_one_to_one_and_no_direct_current() -> None:
    lines = ("V1 in 0 DC 1 AC 1", "R1 in p 36k", "Xt p 0 s 0 transformer", "R2 s 0 10Meg")
    speech = run(lines, "ac dec 10 300 7k", ("v(s)", "v(p)"))
    ratio = speech["v(s)"] / speech["v(p)"]

    assert float(np.min(ratio)) > 0.95
    assert float(np.max(ratio)) < 1.05
    assert abs(at_rest(*lines, asked="v(s)")) < 0.01
