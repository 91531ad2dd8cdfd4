"""What leaves: the original bytes where a leg is clear, the mask where it is covered."""

from __future__ import annotations

from gateway.core.decisions import LegDecisions
from gateway.core.delayline import DelayLine
from gateway.media.encoding import Encoding, encode
from gateway.media.mask import Masking, render
from gateway.media.timeline import Span


def released_bytes(
    span: Span, line: DelayLine, decisions: LegDecisions, masking: Masking, encoding: Encoding, rate: int
) -> bytes:
    """The wire bytes that leave for `span`, all of which must be decided."""
    if span.end > decisions.decided_until:
        raise AssertionError("nothing may leave before it is decided")
    original = line.read(span)
    width = encoding.bytes_per_sample
    parts: list[bytes] = []
    position = span.start
    for run in decisions.covered.overlapping(span):
        piece = run.intersection(span)
        parts.append(original[(position - span.start) * width : (piece.start - span.start) * width])
        # A run that reaches the decided edge may still grow.
        end = run.end if run.end < decisions.decided_until else None
        parts.append(encode(render(masking, piece, run.start, end, rate), encoding))
        position = piece.end
    parts.append(original[(position - span.start) * width :])
    return b"".join(parts)
