"""What the recogniser costs: CPU seconds for each second of audio of one leg, for speech and for silence.

    python -m loadtest.bench_recognizer [WAV ...] [--engine moonshine] [--device cpu] [--legs 1] [--lookahead 2000]
                                        [--seconds 30] [--json FILE]

The verdict it supports: one leg of continuous speech stays under 0.12 CPU seconds a second at 2 s lookahead, silence
costs next to nothing. Without WAV files it takes the project's own speech fixtures, repeated. Each WAV is one leg
(its first channel). CPU time is this process's, all threads; so is that of the parts.

With `--legs N`, N legs hear the same and are recognised in one batch a step; costs are still those of one leg. "Legs in
real time" is what one process could hear without a break if it did nothing else: seconds of audio for each second on
the clock. On a GPU (`--device cuda`) that is the figure to look at, with N from 1 to 64: the CPU time there is that of
whoever waits for the GPU.
"""

from __future__ import annotations

import argparse
import json
import time
import wave
from collections import defaultdict
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gateway.asr.base import Chunk, Recognizer
from gateway.asr.registry import DEFAULT_ENGINE, DEVICES, ENGINES, create_recognizer
from gateway.core.timing import Timing

FIXTURES = Path(__file__).parent.parent / "tests" / "fixtures" / "asr"


def main() -> None:
    """Run the benchmark from the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("files", nargs="*", type=Path, metavar="WAV")
    parser.add_argument("--engine", choices=ENGINES, default=DEFAULT_ENGINE)
    parser.add_argument("--device", choices=DEVICES, default="cpu")
    parser.add_argument("--legs", type=int, default=1, help="so many legs hear the same at once")
    parser.add_argument("--lookahead", type=int, default=2_000, metavar="MS")
    parser.add_argument("--seconds", type=int, default=30, help="how much of each kind to hear")
    parser.add_argument("--json", type=Path, help="write the figures here too")
    arguments = parser.parse_args()
    if arguments.legs < 1:
        parser.error("--legs: at least 1")
    before = time.process_time()
    recognizer = create_recognizer(arguments.engine, device=arguments.device)
    results: dict[str, Any] = {
        "engine": arguments.engine,
        "device": recognizer.capabilities.device,
        "legs": arguments.legs,
        "load_cpu_s": time.process_time() - before,
    }
    timing = Timing.for_lookahead(arguments.lookahead)
    audio, rate = _speech(arguments.files or sorted(FIXTURES.glob("*.wav")), arguments.seconds)
    for kind, samples in (("speech", audio), ("silence", np.zeros(arguments.seconds * rate, dtype=np.int16))):
        results[kind] = _measure(recognizer, samples, rate, timing, arguments.legs)
    _print(results)
    if arguments.json:
        arguments.json.write_text(json.dumps(results, indent=2) + "\n")


def _speech(paths: list[Path], seconds: int) -> tuple[NDArray[np.int16], int]:
    pieces: list[NDArray[np.int16]] = []
    rates = set()
    for path in paths:
        with wave.open(str(path)) as file:
            frames = np.frombuffer(file.readframes(file.getnframes()), dtype=np.int16)
            pieces.append(frames.reshape(-1, file.getnchannels())[:, 0])
            rates.add(file.getframerate())
    if len(rates) != 1:
        raise SystemExit("give WAV files of one sample rate")
    rate = rates.pop()
    once = np.concatenate(pieces)
    return np.resize(once, seconds * rate), rate


def _measure(
    recognizer: Recognizer, samples: NDArray[np.int16], rate: int, timing: Timing, legs: int
) -> dict[str, Any]:
    streams = [recognizer.open_stream(rate, timing.stable_margin) for _ in range(legs)]
    step = timing.step * rate // 1_000
    parts: dict[str, float] = defaultdict(float)
    calls: dict[str, int] = defaultdict(int)
    steps, waits = [], []
    with _Probes(recognizer, parts, calls):
        for at in range(0, len(samples), step):
            before, since = time.process_time(), time.perf_counter()
            chunk, final = samples[at : at + step], at + step >= len(samples)
            recognizer.recognize([Chunk(stream, chunk, final) for stream in streams])
            steps.append(time.process_time() - before)
            waits.append(time.perf_counter() - since)
    seconds = len(samples) / rate
    return {
        "seconds": seconds,
        "cpu_per_second": sum(steps) / seconds / legs,
        "legs_in_real_time": seconds * legs / sum(waits),
        "step_p50_ms": float(np.percentile(steps, 50)) * 1_000,
        "step_p99_ms": float(np.percentile(steps, 99)) * 1_000,
        "step_wall_p99_ms": float(np.percentile(waits, 99)) * 1_000,
        "parts": {
            name: {"per_second": spent / seconds / legs, "calls_per_second": calls[name] / seconds}
            for name, spent in sorted(parts.items())
        },
    }


class _Probes:
    """Times the engine's parts while it is entered; an engine without these parts has no rows."""

    _PARTS = (
        ("_encoder", "extend_all", "encoder"),
        ("_decoder", "begin", "decoder, frames"),
        ("_decoder", "read", "decoder, guess"),
        ("_decoder", "step", "decoder, token steps"),
    )

    def __init__(self, recognizer: Recognizer, parts: dict[str, float], calls: dict[str, int]) -> None:
        self._recognizer, self._spent, self._calls = recognizer, parts, calls
        self._undo: list[Callable[[], None]] = []

    def __enter__(self) -> None:
        for owner_name, method, part in self._PARTS:
            owner = getattr(self._recognizer, owner_name, None)
            if owner is not None:
                setattr(owner, method, self._timed(getattr(owner, method), part))
                self._undo.append(lambda owner=owner, method=method: delattr(owner, method))  # type: ignore[misc]
        if self._undo:
            from gateway.asr.moonshine import stream

            align = stream.align
            stream.align = self._timed(align, "alignment")
            self._undo.append(lambda: setattr(stream, "align", align))

    def __exit__(self, *_: object) -> None:
        for undo in self._undo:
            undo()

    def _timed(self, function: Callable[..., Any], part: str) -> Callable[..., Any]:
        def timed(*arguments: Any) -> Any:
            before = time.process_time()
            try:
                return function(*arguments)
            finally:
                self._spent[part] += time.process_time() - before
                self._calls[part] += 1

        return timed


def _print(results: dict[str, Any]) -> None:
    where = f"{results['legs']} legs at once on {results['device']}"
    print(f"engine {results['engine']}, {where}, loaded in {results['load_cpu_s']:.2f} CPU s")
    print(
        f"{'':24} {'CPU s per s':>12} {'step p50':>10} {'step p99':>10} {'calls per s':>12} {'legs in real time':>18}"
    )
    for kind in ("speech", "silence"):
        row = results[kind]
        times = f"{row['step_p50_ms']:7.1f} ms {row['step_p99_ms']:7.1f} ms"
        print(f"{kind:24} {row['cpu_per_second']:12.4f} {times} {'':12} {row['legs_in_real_time']:18.1f}")
        for name, part in row["parts"].items():
            print(f"  {name:22} {part['per_second']:12.4f} {'':21} {part['calls_per_second']:12.2f}")
    print(f"on the clock, the slowest step in a hundred takes {results['speech']['step_wall_p99_ms']:.0f} ms")
    speech = results["speech"]["cpu_per_second"]
    print(f"verdict: speech {'within' if speech <= 0.12 else 'ABOVE'} 0.12 CPU seconds per second")


if __name__ == "__main__":
    main()
