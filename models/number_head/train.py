"""Train the number head.

    python -m models.number_head.train [--devset ../shared/devset] [--folds DIR] [--features FILE]

Needs `pip install -e .[train]`, and Debian's flite, espeak-ng and asterisk-core-sounds-en-wav.
Writes number_head.onnx beside this file. With --folds it also trains heads that never heard some of the speakers, and
judges each on those.
"""

from __future__ import annotations

import json
import pickle
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from functools import lru_cache
from multiprocessing import get_context
from pathlib import Path
from typing import Annotated

import numpy as np
import torch
import typer
from rich.console import Console
from rich.progress import Progress, track

from gateway.asr.moonshine.assets import find_model
from gateway.asr.moonshine.encoder import Encoder
from gateway.asr.moonshine.number_head import NumberHead
from models.number_head import texts
from models.number_head.classifier import fit, store
from models.number_head.corpus import Clip, asterisk_pieces, asterisk_prompts, devset_clips, digit_pieces, joined
from models.number_head.evaluate import Score, evaluate, total
from models.number_head.frames import Window, varied, windows
from models.number_head.voices import ESPEAK_VOICES, FLITE_VOICES, Espeak, flite_speaks

SEED = 20
HERE = Path(__file__).parent
VARIANTS = {"an4": 3, "fsdd": 3, "conversation": 8, "calls": 1, "prompts": 0, "asterisk": 1}
"""How many varied copies of a clip are learned from, beside the clip as it is."""

console = Console(stderr=True)


def main(
    devset: Annotated[Path, typer.Option(help="The labelled sets.")] = Path("../shared/devset"),
    output: Annotated[Path, typer.Option(help="The weights to write.")] = HERE / "number_head.onnx",
    folds: Annotated[Path | None, typer.Option(help="Also train and judge the folds, into this folder.")] = None,
    features: Annotated[Path | None, typer.Option(help="Keep the encoded windows in this file.")] = None,
    jobs: Annotated[int, typer.Option(help="Processes that encode.")] = 2,
    epochs: Annotated[int, typer.Option(help="Rounds through all windows.")] = 4,
    judge_only: Annotated[
        bool, typer.Option(help="Judge the heads in the folder of the folds; train nothing.")
    ] = False,
    only: Annotated[str, typer.Option(help="Train only this fold.")] = "",
) -> None:
    """Encode the data, train, store, and judge."""
    torch.set_num_threads(1)
    if features is not None and features.is_file():
        encoded: list[Window] = pickle.loads(features.read_bytes())
    else:
        encoded = encode(devset, jobs)
        if features is not None:
            features.write_bytes(pickle.dumps(encoded))
    frames = sum(len(window.labels) for window in encoded)
    console.print(f"{len(encoded)} windows, {frames * 0.024 / 3600:.1f} hours")
    if not only and not judge_only:
        train(encoded, epochs, output, "all")
    if folds is None:
        return
    folds.mkdir(parents=True, exist_ok=True)
    recorded = [(clip.name, (clip.source, clip.speaker)) for clip in devset_clips(devset)]
    rows: dict[str, object] = {}
    for name, left_out in fold_speakers(encoded).items():
        if only not in name:
            continue
        test = [window for window in encoded if (window.source, window.speaker) in left_out]
        path = folds / f"{name}.onnx"
        if not judge_only:
            train([one for one in encoded if (one.source, one.speaker) not in left_out], epochs, path, name)
        scores = evaluate(NumberHead(path), test)
        rows[name] = {
            "left_out": sorted(map(list, left_out)),
            "left_out_clips": [clip for clip, who in recorded if who in left_out],
            "all": {source: total(own).row() for source, own in _by_source(scores).items()},
            "speakers": {"/".join(key): score.row() for key, score in sorted(scores.items())},
        }
        (folds / f"folds{only and '_'}{only}.json").write_text(json.dumps(rows, indent=1) + "\n")
        console.print_json(json.dumps({name: rows[name]["all"]}))  # type: ignore[index]


def encode(devset: Path, jobs: int) -> list[Window]:
    """All windows, in a fixed order, whatever the number of processes."""
    found: list[Window] = []
    with ProcessPoolExecutor(jobs, mp_context=get_context("spawn")) as pool:
        waiting = [pool.submit(_encode, number, clip) for number, clip in enumerate(clips(devset))]
        for future in track(waiting, "encoding", console=console):
            found += future.result()
    return found


def _encode(number: int, clip: Clip) -> list[Window]:
    random = np.random.default_rng([SEED, number])
    recorded = clip.source not in ("flite", "espeak") and not clip.name.endswith(".joined")
    found = windows(clip, _encoder(), random, is_varied=False) if recorded else []
    for _ in range(VARIANTS[clip.source] if recorded else 1):
        found += windows(varied(clip, random), _encoder(), random, is_varied=True)
    return found


@lru_cache(maxsize=1)
def _encoder() -> Encoder:
    """One for each process."""
    return Encoder(find_model())


def clips(devset: Path) -> Iterator[Clip]:
    """Everything there is to learn from, and what the synthetic voices say."""
    random = np.random.default_rng(SEED)
    recorded = list(devset_clips(devset))
    yield from recorded
    yield from asterisk_prompts()
    pieces = {"allison": asterisk_pieces()}
    for clip in recorded:
        if clip.source == "fsdd":
            pieces.setdefault(clip.speaker, []).extend(digit_pieces(clip))
    for own in pieces.values():
        for _ in range(40):
            yield joined(own, int(random.integers(4, 12)), random)
    surnames = (devset / "gazetteers" / "surnames_us.txt").read_text().split()
    espeak = Espeak()
    ordinary = iter(texts.sentences(devset / "text_corpora", random, 2000))
    for voice in FLITE_VOICES:
        spoken = [*texts.number_texts(random, surnames, 90), *(next(ordinary) for _ in range(100))]
        for words in track(spoken, f"flite {voice}", console=console, transient=True):
            clip = flite_speaks(voice, words, float(random.uniform(0.85, 1.2)))
            if clip is not None:
                yield clip
    for voice in ESPEAK_VOICES:
        spoken = [*texts.number_texts(random, surnames, 20), *(next(ordinary) for _ in range(30))]
        for words in track(spoken, f"espeak {voice}", console=console, transient=True):
            clip = espeak.speak(voice, words, int(random.integers(130, 190)), int(random.integers(30, 70)))
            if clip is not None:
                yield clip


def train(encoded: list[Window], epochs: int, path: Path, name: str) -> None:
    """Fit on the windows and store."""
    with Progress(console=console, transient=True) as progress:
        task = progress.add_task(f"training {name}", total=1.0)
        model = fit(
            encoded,
            epochs,
            SEED,
            lambda done, loss: progress.update(task, completed=done, description=f"training {name}, loss {loss:.3f}"),
        )
    store(model, path)
    console.print(f"written: {path.name}")


def fold_speakers(encoded: list[Window]) -> dict[str, set[tuple[str, str]]]:
    """Which speakers each fold leaves out: one of the digit speakers, or a quarter of AN4 and one synthetic voice."""
    folds = {f"fsdd_{name}": {("fsdd", name)} for name in ("lucas", "theo", "yweweler")}
    an4 = sorted({window.speaker for window in encoded if window.source == "an4"})
    conversations = sorted({window.speaker for window in encoded if window.source == "conversation"})
    for index, voice in enumerate(("slt", "awb", "rms", "kal")):
        folds[f"an4_{index}"] = {
            *(("an4", name) for name in an4[index::4]),
            *(("conversation", name) for name in conversations[index::4]),
            ("calls", voice),
            ("flite", voice),
            ("prompts", "synthetic"),
        }
    return folds


def _by_source(scores: dict[tuple[str, str], Score]) -> dict[str, list[Score]]:
    found: dict[str, list[Score]] = {}
    for (source, _), score in scores.items():
        found.setdefault(source, []).append(score)
    return found


if __name__ == "__main__":
    typer.run(main)
