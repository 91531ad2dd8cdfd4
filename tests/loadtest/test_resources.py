"""What this process and a child of it use."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from loadtest.choices import parse_cpus
from loadtest.resources import TreeMeter, cpu_seconds, descendants, running_on, workers_of

WAITS = [sys.executable, "-c", "import sys; sys.stdin.read()"]


def test_children_are_found_and_measured() -> None:
    with subprocess.Popen(WAITS, stdin=subprocess.PIPE) as child:
        assert child.pid in descendants(os.getpid())
        assert child.pid not in workers_of(os.getpid())
        sample = TreeMeter(os.getpid()).sample(1.0)
        assert sample.processes >= 2
        assert sample.rss >= sample.pss > 0
        assert sample.cpu_s["main"] > 0
    assert child.pid not in descendants(os.getpid())


def test_a_worker_is_a_child_s_child() -> None:
    forks = "import os, sys; pid = os.fork(); pid and print(pid, flush=True); sys.stdin.read()"
    with subprocess.Popen([sys.executable, "-c", forks], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as child:
        assert child.stdout is not None
        assert int(child.stdout.readline()) in workers_of(os.getpid())
        assert child.pid not in workers_of(os.getpid())


def test_what_a_child_used_stays_counted() -> None:
    meter = TreeMeter(os.getpid())
    with subprocess.Popen(WAITS, stdin=subprocess.PIPE):
        before = meter.sample(1.0).cpu_s["worker"]
    assert meter.sample(2.0).cpu_s["worker"] >= before


def test_a_process_that_is_gone_uses_nothing() -> None:
    child = subprocess.Popen([sys.executable, "-c", ""])
    child.wait()
    assert cpu_seconds(child.pid) is None


def test_children_run_where_they_are_told_to() -> None:
    usable = os.sched_getaffinity(0)
    one = frozenset({min(usable)})
    with running_on(one), subprocess.Popen(WAITS, stdin=subprocess.PIPE) as child:
        assert os.sched_getaffinity(child.pid) == one
    assert os.sched_getaffinity(0) == usable


def test_cpus_are_numbers_and_ranges() -> None:
    first = min(os.sched_getaffinity(0))
    assert parse_cpus("") == frozenset()
    assert parse_cpus(f"{first},{first}-{first}") == {first}
    for wrong in ("x", "1-", "-1", "4096"):
        with pytest.raises(ValueError, match="CPU"):
            parse_cpus(wrong)
