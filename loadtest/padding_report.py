"""What padding costs and saves: leaked and wrongly covered milliseconds for settings of `gateway.media.quiet`.

    python -m loadtest.padding_report            # a few settings, on the calls with odd numbers and on the others

Labelled spans of the synthetic calls (exact word times) get edge errors as the recogniser makes them, and are padded.
Only moments that can be heard count: 12 dB above the quietest tenth of the leg. Verdict: settings are worth a change
when they leak clearly less at the same cost, on the calls they were not chosen on as well.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

import numpy as np

from gateway.evaluation.labels import Clip
from gateway.media import quiet
from gateway.media.timeline import Span
from loadtest.devsets import SetName, load_sets

_SHARES = (0.0, 0.05, 0.25, 0.5, 0.75, 0.95, 1.0)
START_ERROR_MS = (-250, -106, -29, 2, 33, 136, 250)
"""Quantiles of recognised less true start: half of all are within 31 ms, 90 % within 122."""
END_ERROR_MS = (-250, -142, -38, -3, 32, 96, 200)
"""The same for ends: half within 35 ms, 90 % within 115."""
_ROUNDS = 10
_AUDIBLE_DB = 12.0
_FRAME_MS = 10


@dataclass(frozen=True, slots=True)
class Constants:
    """The four constants of `gateway.media.quiet`."""

    reach_ms: int = quiet.REACH_MS
    usual_ms: int = quiet.USUAL_MS
    near_db: float = quiet._NEAR_DB
    far_db: float = quiet._FAR_DB


@dataclass(slots=True)
class Score:
    """Milliseconds of audible speech, and counts of spans."""

    labelled: int = 0
    leaked: int = 0
    covered_neighbours: int = 0
    spans: int = 0
    leaky_spans: int = 0

    def __str__(self) -> str:
        leaked = f"leaked {100 * self.leaked / self.labelled:.2f} %"
        leaky = f"spans that leak over 20 ms {100 * self.leaky_spans / self.spans:.1f} %"
        return f"{leaked}, {leaky}, neighbours covered {self.covered_neighbours / self.spans:.1f} ms a span"


@contextmanager
def _in_force(constants: Constants) -> Iterator[None]:
    names = ("REACH_MS", "USUAL_MS", "_NEAR_DB", "_FAR_DB")
    before = [getattr(quiet, name) for name in names]
    wanted = (constants.reach_ms, constants.usual_ms, constants.near_db, constants.far_db)
    try:
        for name, value in zip(names, wanted, strict=True):
            setattr(quiet, name, value)
        yield
    finally:
        for name, value in zip(names, before, strict=True):
            setattr(quiet, name, value)


def score(clips: Sequence[Clip], constants: Constants) -> Score:
    """Pad every labelled span of `clips` with errors drawn anew `_ROUNDS` times, the same ones for all constants."""
    total = Score()
    draw = np.random.default_rng(1)
    with _in_force(constants):
        for clip in clips:
            samples = clip.load()
            for leg in range(clip.channels):
                _score_leg(clip, leg, samples[:, leg], draw, total)
    return total


def _score_leg(clip: Clip, leg: int, heard: np.ndarray, draw: np.random.Generator, total: Score) -> None:
    rate = clip.sample_rate
    frame = rate * _FRAME_MS // 1000
    count = len(heard) // frame
    levels = 10 * np.log10(np.mean(heard[: count * frame].reshape(count, frame).astype(float) ** 2, axis=1) + 1)
    audible = levels > np.percentile(levels, 10) + _AUDIBLE_DB
    words = sorted((w.start_ms, w.end_ms) for turn in clip.turns if turn.leg == leg for w in turn.words)
    spoken = _frames(words, count)
    spans = [
        (turn.words[span.first].start_ms, turn.words[span.end - 1].end_ms)
        for turn in clip.turns
        if turn.leg == leg
        for span in turn.spans
    ]
    personal = _frames(spans, count)
    neighbours = spoken & ~personal & audible
    for start_ms, end_ms in spans:
        before = max((word[0] for word in words if word[1] <= start_ms), default=0)
        after = min((word[1] for word in words if word[0] >= end_ms), default=len(heard) * 1000 // rate)
        limit = Span(before * rate // 1000, after * rate // 1000)
        true = _frames([(start_ms, end_ms)], count) & audible
        for _ in range(_ROUNDS):
            start = start_ms + np.interp(draw.random(), _SHARES, START_ERROR_MS)
            end = max(start + 50, end_ms + np.interp(draw.random(), _SHARES, END_ERROR_MS))
            found = Span(max(0, int(start * rate) // 1000), int(end * rate) // 1000)
            padded = quiet.padded(found, heard, 0, rate, limit)
            covered = np.zeros(count, dtype=bool)
            covered[max(0, -(-padded.start // frame)) : padded.end // frame] = True
            missed = int((true & ~covered).sum()) * _FRAME_MS
            total.labelled += int(true.sum()) * _FRAME_MS
            total.leaked += missed
            total.covered_neighbours += int((neighbours & covered).sum()) * _FRAME_MS
            total.spans += 1
            total.leaky_spans += missed > 20


def _frames(stretches: Sequence[tuple[int, int]], count: int) -> np.ndarray:
    inside = np.zeros(count, dtype=bool)
    for start_ms, end_ms in stretches:
        inside[start_ms // _FRAME_MS : end_ms // _FRAME_MS] = True
    return inside


def main() -> None:
    """Print the figures of the constants in force and of some others."""
    clips = load_sets([SetName.CALLS])
    odd = [clip for clip in clips if int(clip.name[1:]) % 2]
    even = [clip for clip in clips if not int(clip.name[1:]) % 2]
    here = Constants()
    others = [
        *(Constants(usual_ms=usual) for usual in (40, 60, 100, 120)),
        *(Constants(reach_ms=reach) for reach in (150, 250)),
        *(Constants(near_db=near) for near in (2.0, 6.0)),
        *(Constants(far_db=far) for far in (0.5, 2.0)),
    ]
    for constants in (here, *others):
        print(constants, "(in force)" if constants == here else "")
        print(f"  odd:  {score(odd, constants)}")
        print(f"  even: {score(even, constants)}")


if __name__ == "__main__":
    main()
