"""The calibration can be redone from the project alone, and gives the same coefficients."""

import msgspec
import pytest

from planner import TooFewCases, UnreadableCases, calibrate_speed, read_speed_cases, speed_coefficients
from planner.speed.calibration import fit_effects
from planner.speed.cases import fingerprint
from planner.speed.observations import observe
from tests.measured.speed_cases import speed_cases


def test_the_projects_coefficients_are_those_of_the_projects_cases() -> None:
    used = {found.case.id: found.case for found in observe(speed_cases()).used}
    assert fingerprint(used.values()) == speed_coefficients().fingerprint
    assert len(used) == speed_coefficients().cases


def test_fitting_the_projects_cases_again_gives_the_projects_coefficients() -> None:
    effects = fit_effects(observe(speed_cases()).used)
    for name, levels in speed_coefficients().effects.items():
        for level, by_label in levels.items():
            assert effects[name][level] == pytest.approx(by_label, abs=2e-4), f"{name} by {level}"


def test_the_same_cases_in_any_order_give_the_same_coefficients() -> None:
    few = observe(speed_cases()[::4]).used
    assert fit_effects(few) == fit_effects(few[::-1])


def test_cases_that_are_not_to_be_fitted_are_not_used() -> None:
    few = speed_cases()[::10]
    unfit = [msgspec.structs.replace(case, id=f"{case.id}-x", fit=False) for case in few]
    assert observe((*few, *unfit)).used == observe(few).used


def test_too_few_cases_are_refused_with_their_number() -> None:
    with pytest.raises(TooFewCases, match="3 figures can be predicted, at least 50 are needed"):
        calibrate_speed(speed_cases()[:3])


def test_a_line_that_is_no_case_is_named() -> None:
    with pytest.raises(UnreadableCases, match="line 2 is not a measured case"):
        read_speed_cases(b'\n{"id": "a"}\n')


def test_an_empty_file_is_refused() -> None:
    with pytest.raises(UnreadableCases, match="the file holds no case"):
        read_speed_cases(b"\n")
