"""Every row of the manual has its place: where it is decided, its settings, its screen, its tests and a call."""

from pathlib import Path

import pytest

import pi_companion
from pi_companion.core.limits import Limits
from pi_companion.core.states import ScreenName
from pi_companion.packs import load_pack
from tests.repo import coverage
from tests.repo.coverage import OF_NO_RULE, ROWS

PACK = load_pack(names={})


def test_every_rule_and_reminder_of_the_pack_has_a_row() -> None:
    assert {rule.id for rule in PACK.rules} | {rule for rule, _ in PACK.reminders} <= set(ROWS)


def test_every_screen_belongs_to_a_row_or_says_why_to_none() -> None:
    of_rules = {screen for row in ROWS.values() for screen in row.screens}
    assert of_rules | set(OF_NO_RULE) == set(ScreenName)
    assert not of_rules & set(OF_NO_RULE)


@pytest.mark.parametrize("rule", ROWS)
def test_a_row_names_modules_and_settings_that_are_there(rule: str) -> None:
    row = ROWS[rule]
    package = Path(pi_companion.__file__).parent
    assert [module for module in row.decided_in if not (package / module).is_file()] == []
    assert [group for group in row.limits if group not in Limits.__dataclass_fields__] == []


@pytest.mark.parametrize("rule", ROWS)
def test_a_row_has_a_test_that_is_marked_with_it(rule: str) -> None:
    assert coverage.tests().get(rule)


def test_no_test_is_marked_with_a_row_that_is_not_there() -> None:
    assert set(coverage.tests()) <= set(ROWS)


@pytest.mark.parametrize("rule", ROWS)
def test_a_row_is_shown_by_a_call(rule: str) -> None:
    assert coverage.calls(rule)


@pytest.mark.parametrize("rule", [rule for rule, row in ROWS.items() if row.reason])
def test_a_row_that_is_not_observed_is_a_quiet_reminder(rule: str) -> None:
    assert rule in {rule for rule, _ in PACK.reminders}
    assert ScreenName.REMINDER in ROWS[rule].screens
