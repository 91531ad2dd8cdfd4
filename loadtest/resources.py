"""What a process and its descendants use, read from /proc (Linux)."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

_TICKS = os.sysconf("SC_CLK_TCK")
_PAGE = os.sysconf("SC_PAGE_SIZE")
MAIN, WORKER, OTHER = "main", "worker", "other"
ROLES = (MAIN, WORKER, OTHER)


@dataclass(frozen=True, slots=True)
class TreeSample:
    """A process tree at a time. `cpu_s` by role grows only; memory in bytes, PSS shares what processes share."""

    at: float
    cpu_s: dict[str, float]
    rss: int
    pss: int
    processes: int


@dataclass(slots=True)
class TreeMeter:
    """Measures the tree below `root`; what a process used before it ended stays counted."""

    root: int
    _cpu: dict[int, tuple[str, float]] = field(default_factory=dict)

    def sample(self, at: float) -> TreeSample:
        """Measure now; `at` is the time that the sample is to carry."""
        rss = pss = processes = 0
        for pid in [self.root, *descendants(self.root)]:
            used = cpu_seconds(pid)
            if used is None:
                continue
            self._cpu[pid] = (_role(pid, self.root), used)
            rss += _resident(pid)
            pss += _proportional(pid)
            processes += 1
        cpu = {role: sum(used for own, used in self._cpu.values() if own == role) for role in ROLES}
        return TreeSample(at, cpu, rss, pss, processes)


def descendants(root: int) -> list[int]:
    """All living descendants of a process, in order of their numbers."""
    children: dict[int, list[int]] = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit() and (fields := _stat(int(entry.name))) is not None:
            children.setdefault(int(fields[1]), []).append(int(entry.name))
    found: list[int] = []
    waiting = [root]
    while waiting:
        own = children.get(waiting.pop(), [])
        found += own
        waiting += own
    return sorted(found)


def workers_of(root: int) -> list[int]:
    """The processes that recognise speech, the largest first: forked by a child of `root` that loads the models."""
    parents = {pid: int(fields[1]) for pid in descendants(root) if (fields := _stat(pid)) is not None}
    workers = [pid for pid, parent in parents.items() if parent in parents and _role(pid, root) == WORKER]
    return sorted(workers, key=_resident, reverse=True)


def cpu_seconds(pid: int) -> float | None:
    """User and system time of a process; None when there is no such process."""
    fields = _stat(pid)
    return None if fields is None else (int(fields[11]) + int(fields[12])) / _TICKS


@contextmanager
def running_on(cpus: frozenset[int]) -> Iterator[None]:
    """Processes that are started inside run on these CPUs only; none means wherever they like. Raises OSError."""
    before = os.sched_getaffinity(0)
    if cpus:
        os.sched_setaffinity(0, cpus)
    try:
        yield
    finally:
        os.sched_setaffinity(0, before)


def _stat(pid: int) -> list[str] | None:
    """The fields of /proc/PID/stat after the name: state, parent, and so on; None when the process is gone."""
    try:
        text = Path(f"/proc/{pid}/stat").read_text()
    except (FileNotFoundError, ProcessLookupError):
        return None
    fields = text.rpartition(")")[2].split()
    return None if fields[0] == "Z" else fields


def _role(pid: int, root: int) -> str:
    if pid == root:
        return MAIN
    try:
        command = Path(f"/proc/{pid}/cmdline").read_bytes()
    except (FileNotFoundError, ProcessLookupError):
        return OTHER
    return OTHER if b"resource_tracker" in command else WORKER


def _resident(pid: int) -> int:
    try:
        return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * _PAGE
    except (FileNotFoundError, ProcessLookupError, IndexError):
        return 0


def _proportional(pid: int) -> int:
    try:
        text = Path(f"/proc/{pid}/smaps_rollup").read_text()
    except OSError:
        return 0
    return sum(int(line.split()[1]) * 1024 for line in text.splitlines() if line.startswith("Pss:"))
