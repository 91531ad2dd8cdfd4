"""One plateau after another, with a progress bar, and the figures of all."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

from loadtest.baseline import Baseline
from loadtest.budgets import serves_well
from loadtest.conversation import Library
from loadtest.figures import PlateauFigures
from loadtest.plateau import Callers, Course, PlateauRun
from loadtest.plateau import Progress as Told
from loadtest.scenario import Timetable


class Measuring:
    """`rows` are the figures of the plateaus so far, in order. `stopped`: somebody pressed Ctrl-C."""

    def __init__(
        self, course: Course, library: Library, callers: Callers, timetable: Timetable, kill_at_s: float | None
    ) -> None:
        self.rows: list[dict[str, Any]] = []
        self.stopped = False
        self._course = course
        self._library = library
        self._callers = callers
        self._timetable = timetable
        self._kill_at_s = kill_at_s
        self._last: tuple[PlateauRun, PlateauFigures] | None = None

    def measure(self, legs: int, *, keep: bool = False) -> dict[str, Any]:
        """The figures of one plateau. `keep`: it is to be compared later."""
        plateau = PlateauRun(
            self._course, self._library, self._callers, legs, self._timetable, self._kill_at_s, keep_records=keep
        )
        with _bar(f"{legs} legs") as told:
            figures = plateau.run(told)
        self._last = plateau, figures
        self.stopped = self.stopped or plateau.stopped
        self.rows.append(figures.row())
        return self.rows[-1]

    def holds(self, legs: int, budgets: Mapping[str, float]) -> bool:
        """Whether no budget breaks with so many legs; once stopped, nothing holds."""
        return not self.stopped and serves_well(self.measure(legs), budgets) and not self.stopped

    def compare(self, baseline: Baseline, calls: int) -> None:
        """Measure up to `calls` calls of the last plateau alone as well."""
        if self._last is None:
            raise ValueError("nothing was measured yet")
        plateau, figures = self._last
        with _bar("alone") as told:
            plateau.compare(figures, baseline, calls, told)
        self.rows[-1] = figures.row()


@contextmanager
def _bar(name: str) -> Iterator[Told]:
    columns = (TextColumn("{task.description}"), BarColumn(), TimeElapsedColumn(), TextColumn("{task.fields[state]}"))
    with Progress(*columns, console=Console(stderr=True), transient=True) as progress:
        task = progress.add_task(name, total=1.0, state="")

        def told(done: float, state: str) -> None:
            progress.update(task, completed=done, state=state)

        yield told
