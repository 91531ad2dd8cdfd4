"""Hears a redacted file again."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from gateway.core.policy import Policy
from gateway.errors import MediaError
from gateway.files.decode import read_media
from gateway.media.timeline import Span, SpanSet
from gateway.verify.check import Verifier
from gateway.verify.suspicion import Verification


@dataclass(frozen=True, slots=True)
class KnownRedactions:
    """What the JSON of a redacted file tells: the built-in policies asked for, and what is masked, in ms by leg."""

    policies: frozenset[Policy]
    masked_ms: dict[int, list[tuple[int, int]]]

    def masks(self, rate: int, channels: int) -> list[SpanSet]:
        """What is masked, for each leg, in samples."""
        return [
            SpanSet(Span(start * rate // 1000, -(-end * rate // 1000)) for start, end in self.masked_ms.get(leg, ()))
            for leg in range(channels)
        ]


def read_redactions(path: Path) -> KnownRedactions:
    """Read the JSON that `redact` wrote. Raises MediaError when it is not that."""
    try:
        told = json.loads(path.read_text(encoding="utf-8"))
        policies = frozenset(Policy(name) for name in told["policies"] if name in set(Policy))
        masked: dict[int, list[tuple[int, int]]] = {}
        for row in told["redactions"]:
            masked.setdefault(int(row["leg"]), []).append((int(row["start_ms"]), int(row["end_ms"])))
        return KnownRedactions(policies, masked)
    except OSError as error:
        raise MediaError(f"{path}: cannot be read: {error.strerror}") from None
    except (ValueError, TypeError, KeyError, RecursionError):
        raise MediaError(f"{path}: is not what `redact` writes (docs/redact-output.schema.json)") from None


def verify_file(
    path: Path,
    verifier: Verifier,
    policies: frozenset[Policy],
    known: KnownRedactions | None = None,
    progress: Callable[[int, int | None], None] = lambda done, total: None,
) -> Verification:
    """Hear a file and tell what still sounds like one of `policies`.

    `progress` is told the samples done and those expected, None while unknown. Raises MediaError for a file that cannot
    be used.
    """
    media = read_media(path)
    masks = known.masks(media.rate, media.channels) if known else ()
    check = verifier.begin(media.rate, media.channels, policies, masks)
    for block in media.blocks():
        check.feed(block)
        progress(media.samples_read, media.expected_samples)
    return check.finish()
