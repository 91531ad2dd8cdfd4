"""What a gateway tells over HTTP: whether it is ready, and its metrics."""

from __future__ import annotations

from urllib.error import HTTPError, URLError
from urllib.request import urlopen

TIMEOUT_S = 1.0


def http_base(base: str) -> str:
    """The address for HTTP of a gateway that is called at ws://HOST:PORT."""
    return "http" + base.removeprefix("ws").rstrip("/")


def is_ready(base: str) -> bool:
    """Whether a new call would be taken."""
    try:
        with urlopen(f"{http_base(base)}/readyz", timeout=TIMEOUT_S):
            return True
    except (HTTPError, URLError, OSError):
        return False


def metrics(base: str) -> dict[str, float]:
    """Every line of /metrics, name with labels to value; empty when there is no answer."""
    try:
        with urlopen(f"{http_base(base)}/metrics", timeout=TIMEOUT_S) as answer:
            text = answer.read().decode()
    except (HTTPError, URLError, OSError):
        return {}
    return parse_metrics(text)


def parse_metrics(text: str) -> dict[str, float]:
    """The Prometheus text format, without comments."""
    lines = (line.rpartition(" ") for line in text.splitlines() if line and not line.startswith("#"))
    return {name: float(value) for name, _, value in lines}


def histogram_quantile(before: dict[str, float], after: dict[str, float], name: str, share: float) -> float | None:
    """The upper edge of the bucket that holds a quantile of what a histogram counted in between, in its own unit.

    None when it counted nothing; infinite above the last bucket.
    """
    edges: list[tuple[float, float]] = []
    for line, count in after.items():
        family, _, labels = line.partition("{")
        if family == f"{name}_bucket":
            edge = labels.split('le="')[1].split('"')[0]
            edges.append((float(edge), count - before.get(line, 0.0)))
    edges.sort()
    if not edges or edges[-1][1] <= 0:
        return None
    return next(edge for edge, count in edges if count >= share * edges[-1][1])
