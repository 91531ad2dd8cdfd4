"""Cost of a frame on its way through a session without recognition: delay line, decisions, masks, release.

    python -m loadtest.bench_delayline [--seconds 60] [-o bench-output]

Verdict it supports: what a leg costs beside its recognition. A peer in the same run (`bytes` copied in and out of a
deque, the least a delay line can do) makes the figure comparable between machines.
"""

from __future__ import annotations

import argparse
import json
import time
from collections import deque
from pathlib import Path

import numpy as np

from gateway.core.detection import Detection
from gateway.core.events import AudioReleased, DetectionRequested, RecognitionRequested
from gateway.core.hypothesis import Hypothesis
from gateway.core.policy import DEFAULT_POLICIES
from gateway.core.session import Session
from gateway.core.settings import SessionSettings
from gateway.media.encoding import Encoding

RATE = 8000
FRAME = RATE // 50


def through_a_session(frames: list[bytes]) -> float:
    """CPU seconds for all frames through a live session in virtual time, answered by silence."""
    settings = SessionSettings(DEFAULT_POLICIES, Encoding.MULAW, RATE)
    session = Session(settings)
    released = 0
    began = time.process_time()
    for index, frame in enumerate(frames):
        now = index * 0.02
        session.receive_audio([frame], now)
        session.handle_timer(now)
        while (output := session.next_output()) is not None:
            if isinstance(output, RecognitionRequested):
                heard = output.span.end
                session.receive_hypotheses([Hypothesis(heard, heard)], now)
            elif isinstance(output, DetectionRequested):
                session.receive_detections([Detection()], now)
            elif isinstance(output, AudioReleased):
                released += len(output.frames[0])
    took = time.process_time() - began
    if released < len(frames) * FRAME - 3 * RATE:
        raise AssertionError("audio went missing")
    return took


def through_a_deque(frames: list[bytes]) -> float:
    """CPU seconds for the same frames through a plain queue of the same delay."""
    waiting: deque[bytes] = deque()
    out = bytearray()
    began = time.process_time()
    for frame in frames:
        waiting.append(frame)
        if len(waiting) > 100:
            out += waiting.popleft()
    return time.process_time() - began


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=int, default=60, help="seconds of media")
    parser.add_argument("-o", "--output", type=Path, default=Path("bench-output"), help="folder of the JSON")
    options = parser.parse_args()
    noise = np.random.default_rng(0).integers(0, 256, options.seconds * RATE, dtype=np.uint8).tobytes()
    frames = [noise[start : start + FRAME] for start in range(0, len(noise), FRAME)]
    through_a_session(frames[:200])
    session, plain = through_a_session(frames), through_a_deque(frames)
    figures = {
        "frames": len(frames),
        "session_us_per_frame": round(session / len(frames) * 1e6, 1),
        "deque_us_per_frame": round(plain / len(frames) * 1e6, 2),
        "cpu_s_per_s": round(session / options.seconds, 5),
    }
    options.output.mkdir(parents=True, exist_ok=True)
    (options.output / "delayline.json").write_text(json.dumps(figures, indent=2) + "\n")
    print(
        f"a 20 ms frame through a session: {figures['session_us_per_frame']} us "
        f"(a plain queue: {figures['deque_us_per_frame']} us), "
        f"{figures['cpu_s_per_s']} CPU seconds per second of one leg"
    )


if __name__ == "__main__":
    main()
