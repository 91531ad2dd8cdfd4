"""How a peer answers: JSON lines in, JSON lines out. Runs in the peers' own virtual environment: standard library only.

In: `{"text": ..., "previous": ...}`, one line each. Out: first `{"name", "version", "about", "kinds"}`, then for every
line in order `{"spans": [[start, end, kind, score], ...], "seconds": ...}`; `seconds` is the detection alone.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable, Collection

WARM_UP_LINES = 5


def answer(
    name: str,
    version: str,
    about: str,
    kinds: Collection[str],
    detect: Callable[[str, str], list[tuple[int, int, str, float]]],
) -> None:
    """Detect in every line of standard input. The first few are run beforehand, so that loading is not timed."""
    rows = [json.loads(line) for line in sys.stdin]
    for row in rows[:WARM_UP_LINES]:
        detect(row["text"], row["previous"])
    print(json.dumps({"name": name, "version": version, "about": about, "kinds": sorted(kinds)}))
    for row in rows:
        began = time.perf_counter()
        spans = detect(row["text"], row["previous"])
        seconds = time.perf_counter() - began
        print(json.dumps({"spans": spans, "seconds": seconds}), flush=True)
