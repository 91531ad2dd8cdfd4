"""Output files that are there whole or not at all."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO

from gateway.errors import MediaError


class OutputFile:
    """A file that is being written; every refusal of the system is a MediaError that names `path`."""

    def __init__(self, file: BinaryIO, path: Path) -> None:
        self._file = file
        self._path = path

    def write(self, data: bytes) -> None:
        """Append."""
        with _named(self._path):
            self._file.write(data)

    def write_over_start(self, data: bytes) -> None:
        """Write over the first bytes; what is appended later still goes to the end."""
        with _named(self._path):
            end = self._file.tell()
            self._file.seek(0)
            self._file.write(data)
            self._file.seek(end)

    def flush(self) -> None:
        """Hand over what is buffered, so that a full disk says so now."""
        with _named(self._path):
            self._file.flush()

    def close(self) -> None:
        """Hand over what is buffered, and close."""
        with _named(self._path):
            self._file.close()


@contextmanager
def replacing(path: Path) -> Iterator[OutputFile]:
    """A new file, open for writing, that takes the place of `path` when the block ends without an error.

    Until then it lies hidden in the same directory; after an error nothing of it is left, and what was at `path` before
    is still there. Raises MediaError when `path` is a directory, or the system refuses to create, write or rename it.
    """
    with _named(path):
        if path.is_dir():
            raise MediaError(f"{path}: cannot be written (it is a directory)")
    unfinished = path.with_name(f".{secrets.token_hex(8)}.part")
    with _named(path):
        file = unfinished.open("xb")
    try:
        output = OutputFile(file, path)
        yield output
        output.close()
        with _named(path):
            unfinished.replace(path)
    except BaseException:
        # On a full disk closing fails too, as it writes what is buffered; the file must go all the same.
        with suppress(OSError):
            file.close()
        with suppress(OSError):
            unfinished.unlink()
        raise


@contextmanager
def _named(path: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise MediaError(f"{path}: cannot be written ({error.strerror or 'the system refused'})") from error
