"""What the options of the load test mean."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from gateway.evaluation.labels import Clip
from loadtest.devsets import SetName, load_sets
from loadtest.network import PRESETS, Network

SPOKEN_SETS = (SetName.CALLS, SetName.DIGITS, SetName.REAL)


def network_of(preset: str | None, over: Mapping[str, float | None]) -> Network:
    """A preset with some of its values replaced. Raises ValueError."""
    if preset is not None and preset not in PRESETS:
        raise ValueError(f"--network: {preset!r} is none of: {', '.join(PRESETS)}")
    given = {name: value for name, value in over.items() if value is not None}
    return replace(PRESETS[preset or "clean"], **given)


def parse_cpus(text: str) -> frozenset[int]:
    """The numbers in "0,2-3"; empty for an empty text. Raises ValueError for what is not there to be used."""
    cpus: set[int] = set()
    for part in filter(None, text.split(",")):
        first, dash, last = part.partition("-")
        if not first.isdecimal() or (dash and not last.isdecimal()):
            raise ValueError(f"CPUs are numbers such as 0 or 0,2 or 0-3, not {text!r}")
        cpus.update(range(int(first), int(last if dash else first) + 1))
    if missing := cpus - os.sched_getaffinity(0):
        raise ValueError(f"CPU {min(missing)} cannot be used here; usable: {sorted(os.sched_getaffinity(0))}")
    return frozenset(cpus)


def clips_of(devset: Path) -> list[Clip]:
    """The labelled recordings that are spoken: the sets of a folder, or the sample call. Raises MediaError."""
    sets = [name for name in SPOKEN_SETS if (devset / name).is_dir()]
    return load_sets(sets or [SetName.SAMPLE], devset)
