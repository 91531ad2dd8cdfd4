"""Runs a peer in its own virtual environment and reads what it found."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass

from gateway.evaluation.text_scoring import TextLine
from loadtest.peer_kinds import PeerSpan

LONGEST_RUN_S = 300
"""A peer that takes longer over all lines is ended."""


class PeerError(Exception):
    """A peer could not be run, or did not answer every line."""


@dataclass(frozen=True, slots=True)
class PeerRun:
    """One run over all lines. `about` says how the peer is set up; `spans` and `seconds` are in order of the lines."""

    name: str
    version: str
    about: str
    kinds: tuple[str, ...]
    spans: tuple[tuple[PeerSpan, ...], ...]
    seconds: tuple[float, ...]


def run_peer(command: Sequence[str], lines: Sequence[TextLine]) -> PeerRun:
    """Let a peer answer all lines. Raises PeerError, whose message names the peer's error and holds no text."""
    asked = "".join(json.dumps({"text": line.text, "previous": line.previous}) + "\n" for line in lines)
    try:
        done = subprocess.run(command, input=asked, capture_output=True, text=True, timeout=LONGEST_RUN_S, check=False)
    except (OSError, subprocess.TimeoutExpired) as problem:
        raise PeerError(f"{command[0]}: {type(problem).__name__}") from problem
    answers = [json.loads(row) for row in done.stdout.splitlines() if row.startswith("{")]
    if done.returncode or len(answers) != len(lines) + 1:
        error = (done.stderr.strip().splitlines() or ["no error"])[-1].partition(":")[0]
        raise PeerError(f"{' '.join(command)}: code {done.returncode}, {len(answers)} answers, {error[:80]}")
    head, *rest = answers
    return PeerRun(
        head["name"],
        head["version"],
        head["about"],
        tuple(head["kinds"]),
        tuple(tuple(PeerSpan(*span) for span in answer["spans"]) for answer in rest),
        tuple(answer["seconds"] for answer in rest),
    )
