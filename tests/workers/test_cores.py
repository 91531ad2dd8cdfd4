"""How many cores there are to use."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from gateway.workers.cores import usable_cores


@pytest.mark.parametrize(("limit", "cores"), [("50000 100000", 1), ("100000 100000", 1), ("99999999 100000", None)])
def test_a_container_s_limit_counts(tmp_path: Path, limit: str, cores: int | None):
    file = tmp_path / "cpu.max"
    file.write_text(limit + "\n")
    assert usable_cores(file) == (cores or len(os.sched_getaffinity(0)))


@pytest.mark.parametrize("content", ["max 100000", ""])
def test_without_a_limit_the_affinity_counts(tmp_path: Path, content: str):
    file = tmp_path / "cpu.max"
    file.write_text(content)
    assert usable_cores(file) == usable_cores(tmp_path / "missing") == len(os.sched_getaffinity(0))
