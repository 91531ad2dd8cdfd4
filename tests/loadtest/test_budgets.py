"""Budgets: every one of the file has a measure, and is held, broken or not measured."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from loadtest.baseline import Leaks
from loadtest.budgets import MEASURES, BudgetError, State, judge_plateau, load_budgets, serves_well
from loadtest.call import Refusal
from loadtest.figures import PlateauFigures
from loadtest.kill import KillFigures


def figures(*delays: float) -> PlateauFigures:
    plateau = PlateauFigures("telephone", 4, 2000, 30.0)
    for delay in delays:
        plateau.meters.added_delay.add(delay)
    plateau.legs_ms = 120_000
    return plateau


def states(row: dict[str, Any]) -> dict[str, State]:
    return {verdict.name: verdict.state for verdict in judge_plateau(row, load_budgets())}


def test_the_file_and_the_measures_are_the_same() -> None:
    assert set(load_budgets()) == set(MEASURES)


def test_nothing_measured_breaks_nothing() -> None:
    empty = PlateauFigures("telephone", 4, 2000, 0.0).row()
    assert set(states(empty).values()) == {State.NOT_MEASURED}
    assert not serves_well(empty, load_budgets())


@pytest.mark.parametrize(("delay", "state"), [(2019.0, State.HELD), (2021.0, State.BROKEN)])
def test_delay_may_exceed_the_lookahead_by_a_frame(delay: float, state: State) -> None:
    assert states(figures(delay).row())["added_delay_p999_over_lookahead_ms"] is state


@pytest.mark.parametrize(("overdue_ms", "state"), [(120, State.HELD), (121, State.BROKEN)])
def test_one_in_a_thousand_may_be_overdue(overdue_ms: int, state: State) -> None:
    plateau = figures(2001.0)
    plateau.said_legs_ms = 120_000
    plateau.statistics["overdue_ms"] = overdue_ms
    assert states(plateau.row())["overdue_share"] is state
    assert serves_well(plateau.row(), load_budgets()) is (state is State.HELD)


@pytest.mark.parametrize(("late_ms", "state"), [(2199, State.HELD), (2201, State.BROKEN)])
def test_what_is_covered_unclear_is_compared_with_the_calls_alone(late_ms: int, state: State) -> None:
    plateau = figures(2001.0)
    plateau.alone = Leaks(labelled_ms=1000, late_ms=1000, media_ms=120_000)
    plateau.compared = Leaks(labelled_ms=1000, late_ms=late_ms, media_ms=120_000)
    assert states(plateau.row())["covered_late_over_single"] is state


def test_refusals_are_fast_and_polite() -> None:
    plateau = figures(2001.0)
    plateau.refusals = [Refusal(0, 0.0, 12.0, 503, 1.0), Refusal(1, 0.0, 140.0, 503, None)]
    found = states(plateau.row())
    assert found["refusal_ms"] is State.BROKEN
    assert found["impolite_refusals"] is State.BROKEN
    assert not serves_well(plateau.row(), load_budgets())


def test_a_kill_that_is_never_over_breaks_its_budget() -> None:
    plateau = figures(2001.0)
    plateau.kill = KillFigures(5.0, gaps_ms=[0, 900], watched_s=15.0)
    found = states(plateau.row())
    assert found["kill_gap_ms"] is State.HELD
    assert found["kill_recovery_s"] is State.BROKEN
    assert found["kill_leak_points_over_single"] is State.NOT_MEASURED


@pytest.mark.parametrize("text", ["nonsense = 1", "refusal_ms = 'fast'", "refusal_ms = true", "refusal_ms ="])
def test_a_wrong_file_is_refused(tmp_path: Path, text: str) -> None:
    path = tmp_path / "budgets.toml"
    path.write_text(text)
    with pytest.raises(BudgetError):
        load_budgets(path)
