"""What must hold: limits from `budgets.toml`, beside what a plateau measured."""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from types import MappingProxyType
from typing import Any

BUDGETS = Path(__file__).with_name("budgets.toml")

Row = Mapping[str, Any]


class BudgetError(Exception):
    """The file of budgets is wrong."""


class State(StrEnum):
    """What came of a budget."""

    HELD = "held"
    BROKEN = "broken"
    NOT_MEASURED = "not measured"


@dataclass(frozen=True, slots=True)
class Verdict:
    """A budget, and what the plateau with so many legs measured."""

    name: str
    limit: float
    measured: float | None
    legs: int

    @property
    def state(self) -> State:
        """Whether it held."""
        if self.measured is None:
            return State.NOT_MEASURED
        return State.HELD if self.measured <= self.limit else State.BROKEN

    def row(self) -> dict[str, Any]:
        """As a JSON object."""
        return {
            "name": self.name,
            "limit": self.limit,
            "measured": self.measured,
            "legs": self.legs,
            "state": self.state.value,
        }


def _delay_over(row: Row) -> float | None:
    worst = row["added_delay_ms"]["p99.9"]
    return None if worst is None else worst - row["lookahead_ms"]


def _of(row: Row | None, name: str) -> float | None:
    value = None if row is None else row[name]
    return None if value is None else float(value)


def _if_refused(row: Row, value: float | None) -> float | None:
    return value if row["refusals"]["count"] else None


MEASURES: Mapping[str, Callable[[Row], float | None]] = MappingProxyType(
    {
        "added_delay_p999_over_lookahead_ms": _delay_over,
        "overdue_share": lambda row: _of(row, "overdue_share"),
        "covered_late_over_single": lambda row: _of(row["alone"], "covered_late_over"),
        "leak_points_over_single": lambda row: _of(row["alone"], "leak_points_over"),
        "unreported_samples": lambda row: _of(row, "unreported_samples") if row["calls"]["ended"] else None,
        "broken_calls": lambda row: _of(row["calls"], "broken") if row["calls"]["ended"] else None,
        "refusal_ms": lambda row: _if_refused(row, _of(row["refusals"]["took_ms"], "max")),
        "impolite_refusals": lambda row: _if_refused(row, _of(row["refusals"], "without_503_and_retry_after")),
        "memory_growth_share": lambda row: _of(row["long_run"], "memory_growth_share"),
        "delay_drift_ms": lambda row: _of(row["long_run"], "delay_drift_ms"),
        "kill_gap_ms": lambda row: _of(row["kill"], "gap_ms"),
        "kill_recovery_s": lambda row: _of(row["kill"], "recovery_s"),
        "kill_leak_points_over_single": lambda row: _of(row["kill"], "leak_points_over"),
    }
)
"""What each budget is compared with, out of the figures of a plateau."""


def load_budgets(path: Path = BUDGETS) -> dict[str, float]:
    """Limits by name. Raises BudgetError."""
    try:
        given = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise BudgetError(f"{path}: cannot be read ({error})") from None
    for name, limit in given.items():
        if name not in MEASURES:
            raise BudgetError(f"{path}: there is no budget {name!r}; there are: {', '.join(MEASURES)}")
        if isinstance(limit, bool) or not isinstance(limit, int | float):
            raise BudgetError(f"{path}: {name} is a number, not {limit!r}")
    return {name: float(limit) for name, limit in given.items()}


def judge_plateau(row: Row, budgets: Mapping[str, float]) -> list[Verdict]:
    """Every budget beside the figures of one plateau (`PlateauFigures.row`)."""
    return [Verdict(name, limit, MEASURES[name](row), row["legs"]) for name, limit in budgets.items()]


def serves_well(row: Row, budgets: Mapping[str, float]) -> bool:
    """Whether a plateau of a ramp holds: no budget is broken, and every leg was served."""
    broken = any(verdict.state is State.BROKEN for verdict in judge_plateau(row, budgets))
    return not broken and not row["refusals"]["count"] and row["added_delay_ms"]["count"] > 0
