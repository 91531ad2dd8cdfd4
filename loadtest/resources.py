"""What a process and its descendants use."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field

import psutil

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
            with suppress(psutil.NoSuchProcess, psutil.AccessDenied):
                process = psutil.Process(pid)
                used, memory = process.cpu_times(), process.memory_full_info()
                self._cpu[pid] = (_role(process, self.root), used.user + used.system)
                rss += memory.rss
                pss += memory.pss
                processes += 1
        cpu = {role: sum(used for own, used in self._cpu.values() if own == role) for role in ROLES}
        return TreeSample(at, cpu, rss, pss, processes)


def descendants(root: int) -> list[int]:
    """All living descendants of a process, in order of their numbers."""
    try:
        found = psutil.Process(root).children(recursive=True)
    except psutil.NoSuchProcess:
        return []
    return sorted(process.pid for process in found if _lives(process))


def workers_of(root: int) -> list[int]:
    """The processes that recognise speech, the largest first: forked by a child of `root` that loads the models."""
    sizes: dict[int, int] = {}
    for pid in descendants(root):
        with suppress(psutil.NoSuchProcess):
            process = psutil.Process(pid)
            if process.ppid() != root and _role(process, root) == WORKER:
                sizes[pid] = process.memory_info().rss
    return sorted(sizes, key=lambda pid: -sizes[pid])


def cpu_seconds(pid: int) -> float | None:
    """User and system time of a process; None when there is no such process."""
    try:
        used = psutil.Process(pid).cpu_times()
    except psutil.NoSuchProcess:
        return None
    return float(used.user + used.system)


@contextmanager
def running_on(cpus: frozenset[int]) -> Iterator[None]:
    """Processes that are started inside run on these CPUs only; none means wherever they like. Raises OSError."""
    this = psutil.Process()
    before = this.cpu_affinity()
    if cpus:
        this.cpu_affinity(sorted(cpus))
    try:
        yield
    finally:
        this.cpu_affinity(before)


def _lives(process: psutil.Process) -> bool:
    try:
        return process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def _role(process: psutil.Process, root: int) -> str:
    if process.pid == root:
        return MAIN
    return OTHER if any("resource_tracker" in part for part in process.cmdline()) else WORKER
