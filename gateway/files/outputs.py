"""Where the redacted files go, settled before the first one is read."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from os.path import realpath
from pathlib import Path

from gateway.errors import OptionError


@dataclass(frozen=True, slots=True)
class PlannedOutput:
    """One input file and what is written for it."""

    source: Path
    wav: Path
    json: Path


def plan_outputs(files: Sequence[Path], out_dir: Path) -> list[PlannedOutput]:
    """Name the outputs of every input, `out_dir/NAME.wav` and `out_dir/NAME.json`, and make the directory.

    Files of an earlier run are written over. Raises OptionError for two inputs whose outputs would have the same name,
    for an output that would take the place of an input, and for a directory that cannot be made.
    """
    if not files:
        raise OptionError("no file to redact was named")
    by_stem: dict[str, Path] = {}
    for file in files:
        if not file.stem:
            raise OptionError(f"{file}: is a directory; name the files in it")
        if file.stem in by_stem:
            raise OptionError(
                f"{by_stem[file.stem]} and {file} would both be written to {out_dir / file.stem}.wav; "
                "redact them into different directories"
            )
        by_stem[file.stem] = file
    plans = [PlannedOutput(file, out_dir / f"{file.stem}.wav", out_dir / f"{file.stem}.json") for file in files]
    inputs = set(map(realpath, files))
    for plan in plans:
        for output in (plan.wav, plan.json):
            if realpath(output) in inputs:
                raise OptionError(f"{output} is an input and would be written over; choose another output directory")
    try:
        out_dir.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise OptionError(f"{out_dir}: the output directory cannot be made ({error.strerror})") from None
    return plans
