"""How many cores this process may use."""

from __future__ import annotations

import os
from math import ceil
from pathlib import Path

CGROUP_LIMIT = Path("/sys/fs/cgroup/cpu.max")


def usable_cores(cgroup_limit: Path = CGROUP_LIMIT) -> int:
    """The cores of the process's affinity, or what a container's CPU limit (cgroup v2) allows if that is less."""
    cores = len(os.sched_getaffinity(0))
    try:
        quota, period = cgroup_limit.read_text().split()
        limit = ceil(int(quota) / int(period))
    except (OSError, ValueError):
        return cores
    return max(1, min(cores, limit))
