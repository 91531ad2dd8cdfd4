"""The process that hears pieces of live calls again: of low priority, one piece at a time."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable
from dataclasses import dataclass, field
from multiprocessing.connection import Connection
from typing import Final

import numpy as np

from gateway.core.policy import Policy
from gateway.errors import EngineError
from gateway.media.encoding import Encoding, decode
from gateway.verify.check import Verifier
from gateway.verify.suspicion import Suspicion

NICENESS: Final = 15
"""The calls themselves come first."""


@dataclass(frozen=True, slots=True)
class Piece:
    """A piece of what a call sent out: `legs` are the wire bytes of each leg. Holds speech: it never leaves memory.

    It begins at a multiple of two seconds, so that masks look as they do at the beginning of a call.
    """

    encoding: Encoding
    sample_rate: int
    policies: frozenset[Policy]
    legs: tuple[bytes, ...] = field(repr=False)

    @property
    def seconds(self) -> float:
        """Its audio, every leg counted."""
        return sum(map(len, self.legs)) / self.encoding.bytes_per_sample / self.sample_rate


def hear(verifier: Verifier, piece: Piece) -> tuple[Suspicion, ...]:
    """What in the piece sounds like personal information; times count from its beginning."""
    check = verifier.begin(piece.sample_rate, len(piece.legs), piece.policies)
    check.feed(np.stack([decode(leg, piece.encoding) for leg in piece.legs], axis=1))
    return check.finish().suspicions


def hear_pieces(connection: Connection, create: Callable[[], Verifier]) -> None:
    """Answer each Piece with its suspicions, until the other end closes. The main function of the process.

    A process that cannot load its models, or fails on a piece, ends.
    """
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    os.nice(NICENESS)
    try:
        verifier = create()
        while True:
            connection.send(hear(verifier, connection.recv()))
    except (EOFError, BrokenPipeError, ConnectionResetError, EngineError):
        return
