"""Media files made on the spot: WAV byte by byte, everything else with PyAV."""

from __future__ import annotations

import struct
from fractions import Fraction
from pathlib import Path

import av
import numpy as np

LAYOUTS = {1: "mono", 2: "stereo", 3: "2.1", 6: "5.1"}


def sound(seconds: float, rate: int, channels: int = 1) -> np.ndarray:
    """PCM16 of shape [samples, channels]: a tone for each channel, now louder, now softer."""
    at = np.arange(round(seconds * rate))[:, None] / rate
    hertz = 200.0 + 90.0 * np.arange(channels)
    loud = 0.6 + 0.4 * np.sin(2 * np.pi * 3 * at)
    return np.rint(12_000 * loud * np.sin(2 * np.pi * hertz * at)).astype(np.int16)


def noise(samples: int, channels: int = 1, seed: int = 1) -> np.ndarray:
    """PCM16 of shape [samples, channels] that holds every value there is, the extremes at its ends."""
    values = np.random.default_rng(seed).integers(-32768, 32768, (samples, channels)).astype(np.int16)
    values[0], values[-1] = -32768, 32767
    return values


def likeness(heard: np.ndarray, true: np.ndarray) -> float:
    """The highest correlation of two signals [samples] when one may be late; 1 for the same."""
    size = len(heard) + len(true)
    spectra = [np.fft.rfft(signal / np.linalg.norm(signal / 1.0), size) for signal in (heard, true)]
    return float(np.fft.irfft(spectra[0] * spectra[1].conj(), size).max())


def riff(tag: int, bits: int, rate: int, channels: int, data: bytes, data_size: int | None = None) -> bytes:
    """A WAV file; `data_size` is what its header says when that is not the truth."""
    size = len(data) if data_size is None else data_size
    frame = bits // 8 * channels
    form = struct.pack("<4sIHHIIHH", b"fmt ", 16, tag, channels, rate, rate * frame, frame, bits)
    whole = min(4 + len(form) + 8 + size, 0xFFFF_FFFF)
    return struct.pack("<4sI4s", b"RIFF", whole, b"WAVE") + form + struct.pack("<4sI", b"data", size) + data


def wav16(path: Path, samples: np.ndarray, rate: int = 8000) -> Path:
    """PCM16 of shape [samples, channels] as a WAV file."""
    path.write_bytes(riff(1, 16, rate, samples.shape[1], samples.astype("<i2").tobytes()))
    return path


def encoded(path: Path, samples: np.ndarray, rate: int, codec: str, *, video: bool = False, audio: bool = True) -> Path:
    """PCM16 of shape [samples, channels] in the container that the suffix names, with or without a moving picture."""
    options = {"strict": "-2"}
    with av.open(str(path), "w") as container:
        stream = None
        if audio:
            stream = container.add_stream(codec, rate=rate, layout=LAYOUTS[samples.shape[1]], options=options)
        if video:
            picture = container.add_stream("mpeg4", rate=5, width=32, height=32, pix_fmt="yuv420p")
            for index in range(round(len(samples) / rate * 5)):
                image = np.full((32, 32, 3), index * 9 % 256, dtype=np.uint8)
                container.mux(picture.encode(av.VideoFrame.from_ndarray(image, "rgb24")))
            container.mux(picture.encode())
        if stream:
            frame = av.AudioFrame.from_ndarray(
                np.ascontiguousarray(samples).reshape(1, -1), format="s16", layout=LAYOUTS[samples.shape[1]]
            )
            frame.sample_rate, frame.time_base, frame.pts = rate, Fraction(1, rate), 0
            container.mux(stream.encode(frame))
            container.mux(stream.encode())
    return path
