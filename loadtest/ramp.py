"""Looks for the knee: the most legs at which every promise still holds."""

from __future__ import annotations

from collections.abc import Callable


def find_knee(holds: Callable[[int], bool], start: int, step: int, most: int, grain: int) -> int | None:
    """The most legs for which `holds` said yes, to `grain` legs; None when even `start` is too many.

    Goes up from `start` by `step` until it breaks or `most` is reached, then halves the last gap. `holds` is asked
    at most once for a number.
    """
    good: int | None = None
    legs = min(start, most)
    while holds(legs):
        good = legs
        if legs == most:
            return good
        legs = min(legs + step, most)
    if good is None:
        return None
    bad = legs
    while bad - good > grain:
        middle = good + max(grain, (bad - good) // 2 // grain * grain)
        if middle >= bad:
            break
        if holds(middle):
            good = middle
        else:
            bad = middle
    return good
