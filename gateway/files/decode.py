"""Reading the audio of any file that libav (through PyAV) can read, as PCM16 in blocks.

Samples of 16 bits or less, and G.711, come out exactly as they are in the file; higher depths and floats are rounded
once, and clipped. Nothing is resampled or mixed: rate, channels and the number of samples are those of the file.

What is damaged in the middle loses nothing else: where the file's own times say that something is missing, there is
silence of that length, and the damage is listed. MP3 and bare AAC carry no such times: there the damage is listed, and
what follows moves up. A file that can be read but stops before its header says is read as far as it goes, and listed
as well.
"""

from __future__ import annotations

import stat
from collections.abc import Iterator
from dataclasses import dataclass, field
from fractions import Fraction
from os import SEEK_END
from pathlib import Path
from typing import BinaryIO, Final

import av
import numpy as np
from av.audio.frame import AudioFrame
from av.audio.stream import AudioStream
from av.container import InputContainer
from av.packet import Packet
from numpy.typing import NDArray

from gateway.asr.rates import MAX_RATE, MIN_RATE
from gateway.errors import MediaError
from gateway.media.timeline import ms_ceil, ms_floor

MAX_CHANNELS: Final = 8
"""Every channel is a leg of its own; files with more are refused."""
_GAP_MS: Final = 10
"""Times in a file may jitter this much before something counts as missing."""
_LONGEST_GAP_S: Final = 3600
"""A time further ahead than this is damaged itself, and not believed."""
_EARLY_MS: Final = 250
"""A file may be this much shorter than its header says: codecs pad."""
_EXACT_LENGTH: Final = ("wav", "w64", "aiff", "au", "caf", "flac", "mov,mp4,m4a,3gp,3g2,mj2")
"""Containers whose header tells the length of the audio exactly, if it tells it."""
_MATROSKA: Final = "matroska,webm"
_SAMPLE_KINDS: Final = ("u8", "s16", "s32", "flt", "dbl")
_RIFF_HEADER: Final = 36
_RIFF_UNKNOWN: Final = 0x7FFF_0000
"""From here on the size in a WAV header means "not known": written by what streams."""


@dataclass(frozen=True, slots=True)
class Damage:
    """A stretch of a file that could not be read; it is silent in what was read, or not there at all."""

    start_ms: int
    end_ms: int
    what: str

    def __str__(self) -> str:
        return f"{self.what} from {self.start_ms / 1000:.2f} s to {self.end_ms / 1000:.2f} s"


@dataclass(slots=True)
class MediaFile:
    """A file with at least one sample of audio. `channels` is 1..8; `expected_samples` (of one channel) is what the
    header says, None if it says nothing; only good for showing progress.

    `damage` and `samples_read` are those of the latest reading, complete when it has ended.
    """

    path: Path
    rate: int
    channels: int
    expected_samples: int | None
    damage: list[Damage] = field(default_factory=list)
    samples_read: int = 0

    def blocks(self, block_ms: int = 1000) -> Iterator[NDArray[np.int16]]:
        """Read the file from its beginning: PCM16 blocks of shape [samples, channels], all of `block_ms` but the last.

        Each call reads anew, in bounded memory. Close the iterator (or read to the end) to close the file.
        Raises MediaError when the file can no longer be opened.
        """
        self.damage, self.samples_read = [], 0
        size = max(1, self.rate * block_ms // 1000)
        held: list[NDArray[np.int16]] = []
        count = 0
        with _opened(self.path) as file, _container(file, self.path) as container:
            for piece in self._pieces(container, size):
                held.append(piece)
                count += len(piece)
                if count >= size:
                    joined = np.concatenate(held)
                    whole = count // size * size
                    for start in range(0, whole, size):
                        yield joined[start : start + size]
                    held, count = [joined[whole:]], count - whole
        if count:
            yield np.concatenate(held)

    def _pieces(self, container: InputContainer, size: int) -> Iterator[NDArray[np.int16]]:
        """Decoded frames, and pieces of silence (at most `size` long) where something is missing."""
        stream = _audio_stream(container, self.path)
        promised = self.expected_samples if _tells_length(container) else None
        first_time: Fraction | None = None
        lost_at: int | None = None
        for frame in _frames(container, stream):
            if frame is None or (frame.sample_rate, frame.layout.nb_channels) != (self.rate, self.channels):
                lost_at = self.samples_read if lost_at is None else lost_at
                continue
            time = None if frame.pts is None or frame.time_base is None else frame.pts * frame.time_base
            first_time = time if first_time is None else first_time
            due = self.samples_read
            if time is not None and first_time is not None:
                due = round((time - first_time) * self.rate)
            missing = due - self.samples_read
            if missing > self.rate * _LONGEST_GAP_S or (promised is not None and due > promised):
                missing = 0
            if missing > self.rate * _GAP_MS // 1000:
                self._report(self.samples_read, due, "there is no audio")
                for start in range(0, missing, size):
                    yield self._count(np.zeros((min(size, missing - start), self.channels), dtype=np.int16))
            elif lost_at is not None:
                self._report(lost_at, self.samples_read, "something that cannot be decoded was left out,")
            lost_at = None
            yield self._count(_pcm16(frame, self.path))
        early = promised is not None and (promised - self.samples_read) * 1000 > self.rate * _EARLY_MS
        if promised is not None and early:
            self._report(self.samples_read, promised, "the file ends early, there is nothing")
        elif lost_at is not None:
            self._report(lost_at, self.samples_read, "something that cannot be decoded was left out,")

    def _count(self, piece: NDArray[np.int16]) -> NDArray[np.int16]:
        self.samples_read += len(piece)
        return piece

    def _report(self, start: int, end: int, what: str) -> None:
        self.damage.append(Damage(ms_floor(start, self.rate), ms_ceil(end, self.rate), what))


def read_media(path: Path) -> MediaFile:
    """Open a file, find its audio and decode the beginning of it.

    The first audio track is taken that the file marks as its best; each channel of it is a leg.
    Raises MediaError, with a message that names the file and what is wrong: missing, not readable, a directory, empty,
    not audio, too damaged, without audio, without samples, with more than `MAX_CHANNELS` channels, or at a rate that
    no recogniser takes.
    """
    with _opened(path) as file:
        told_bytes = _riff_bytes(file)
        with _container(file, path) as container:
            stream = _audio_stream(container, path)
            first = next((frame for frame in _frames(container, stream) if frame is not None and frame.samples), None)
            if first is None:
                raise MediaError(f"{path}: has an audio track, but not one sample in it can be decoded")
            rate, channels = first.sample_rate, first.layout.nb_channels
            if channels > MAX_CHANNELS:
                raise MediaError(f"{path}: has {channels} channels; at most {MAX_CHANNELS} are read, each as one leg")
            if not MIN_RATE <= rate <= MAX_RATE:
                raise MediaError(f"{path}: has {rate} samples a second; {MIN_RATE} to {MAX_RATE} are read")
            return MediaFile(path, rate, channels, _promised_samples(container, stream, rate, told_bytes))


def _opened(path: Path) -> BinaryIO:
    """The file, known to be a regular one that holds something."""
    try:
        status = path.stat()
        if stat.S_ISDIR(status.st_mode):
            raise MediaError(f"{path}: is a directory; name the files in it")
        if not stat.S_ISREG(status.st_mode):
            raise MediaError(f"{path}: is not a regular file")
        if status.st_size == 0:
            raise MediaError(f"{path}: is empty")
        return path.open("rb")
    except FileNotFoundError:
        raise MediaError(f"{path}: there is no such file") from None
    except PermissionError:
        raise MediaError(f"{path}: may not be read by this user") from None
    except OSError as error:
        raise MediaError(f"{path}: cannot be opened ({error.strerror})") from None


def _container(file: BinaryIO, path: Path) -> InputContainer:
    """The file as libav sees it; it may not lead to other files or to the network, as playlists do."""
    try:
        return av.open(file, mode="r", options={"protocol_whitelist": "none"}, metadata_errors="ignore")
    except (av.FFmpegError, OSError, ValueError):
        problem = "is not audio or video that can be read, or its beginning or its index is damaged"
        raise MediaError(f"{path}: {problem}") from None


def _audio_stream(container: InputContainer, path: Path) -> AudioStream:
    stream = container.streams.best("audio")
    if not isinstance(stream, AudioStream):
        raise MediaError(f"{path}: has no audio track")
    return stream


def _promised_samples(container: InputContainer, stream: AudioStream, rate: int, told_bytes: int) -> int | None:
    """What the header says about the length of the audio; `told_bytes` is from `_riff_bytes`."""
    if container.format.name == _MATROSKA and stream.duration is not None:
        return None  # Matroska tells the length of the whole only; this is libav's guess from the bit rate
    if stream.duration is not None and stream.time_base is not None:
        bits = stream.codec_context.bit_rate
        told = told_bytes * 8 * rate // bits if bits else 0
        return max(told, round(stream.duration * stream.time_base * rate))
    return None if container.duration is None else round(Fraction(container.duration, av.time_base) * rate)


def _riff_bytes(file: BinaryIO) -> int:
    """About how many bytes of audio a WAV file should hold that holds fewer (libav goes by what is there); else 0."""
    head = file.read(12)
    size = file.seek(0, SEEK_END)
    file.seek(0)
    told = int.from_bytes(head[4:8], "little") if head[:4] == b"RIFF" and head[8:] == b"WAVE" else 0
    return told - _RIFF_HEADER if size < told + 8 < _RIFF_UNKNOWN else 0


def _tells_length(container: InputContainer) -> bool:
    """Whether the header can be trusted to tell the length of the audio, and not of a longer video."""
    name = container.format.name
    return name in _EXACT_LENGTH or (name == _MATROSKA and len(container.streams) == 1)


def _frames(container: InputContainer, stream: AudioStream) -> Iterator[AudioFrame | None]:
    """Every decoded frame, and None for everything that cannot be decoded."""
    for packet in _packets(container, stream):
        if packet is None:
            yield None
            continue
        try:
            frames = stream.codec_context.decode(packet)
        except (av.FFmpegError, ValueError):
            yield None
            continue
        yield from frames


def _packets(container: InputContainer, stream: AudioStream) -> Iterator[Packet[AudioStream] | None]:
    """Every packet of the stream, and None where the container is damaged; gives up where no packet follows that."""
    going_on = True
    while going_on:
        going_on = False
        try:
            for packet in container.demux(stream):
                yield packet
                going_on = True
            return
        except (av.FFmpegError, OSError, ValueError):
            yield None


def _pcm16(frame: AudioFrame, path: Path) -> NDArray[np.int16]:
    """The frame's samples, shape [samples, channels]."""
    kind = frame.format.packed.name
    if kind not in _SAMPLE_KINDS:
        raise MediaError(f"{path}: samples of the kind {kind!r} are not read")
    planes = frame.to_ndarray()
    values = planes.T if frame.format.is_planar else planes.reshape(-1, frame.layout.nb_channels)
    match kind:
        case "u8":
            values = (values.astype(np.int16) - 128) << 8
        case "s32":
            values = np.minimum((values.astype(np.int64) + (1 << 15)) >> 16, 32767)
        case "flt" | "dbl":
            whole = np.clip(np.nan_to_num(values.astype(np.float64)), -1, 1)
            values = np.minimum(np.rint(whole * 32768), 32767)
    samples: NDArray[np.int16] = values.astype(np.int16, copy=False)
    return samples
