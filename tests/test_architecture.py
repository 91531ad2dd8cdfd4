"""Imports go one way, the core is pure, and modules stay small enough to read."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
GATEWAY = ROOT / "gateway"

ALLOWED = {
    "errors": set(),
    "media": {"errors"},
    "core": {"errors", "media"},
    "wire": {"errors", "media", "core"},
    "asr": {"errors", "media", "core"},
    "pii": {"errors", "media", "core"},
    "observe": {"errors", "media", "core"},
    "workers": {"errors", "media", "core", "asr"},
    "runtime": {"errors", "media", "core", "asr", "wire", "workers"},
    "verify": {"errors", "media", "core", "asr", "pii"},
    "files": {"errors", "media", "core", "asr", "workers", "runtime", "verify"},
    "evaluation": {"errors", "media", "core", "asr", "pii", "workers", "runtime", "files"},
    "review": {"errors", "media", "core", "asr", "workers", "runtime", "files"},
    "config": {"errors", "media", "core", "asr", "wire", "observe"},
}
"""What each part may import. What is not named here (transports, app, cli) may import all but the later ones."""
LAST = ["transports", "app", "cli", "__main__"]
IMPURE = {
    "asyncio", "datetime", "io", "logging", "multiprocessing", "os", "pathlib", "queue", "random", "secrets", "select",
    "selectors", "shutil", "signal", "socket", "ssl", "structlog", "subprocess", "tempfile", "threading", "time",
    "uuid",
}  # fmt: skip
LONGEST_MODULE = 420


def modules() -> list[Path]:
    return sorted(GATEWAY.rglob("*.py"))


def part_of(path: Path) -> str:
    return path.relative_to(GATEWAY).parts[0].removesuffix(".py")


def imported(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            assert node.level == 0, f"{path}: imports are absolute"
            yield node.module


@pytest.mark.parametrize("path", modules(), ids=lambda path: str(path.relative_to(GATEWAY)))
def test_imports_go_one_way(path: Path):
    part = part_of(path)
    used = {name.split(".")[1] for name in imported(path) if name.startswith("gateway.")} - {part}
    if part in ALLOWED:
        assert used <= ALLOWED[part]
    elif part in LAST:
        assert not used & set(LAST[LAST.index(part) + 1 :])
    else:
        assert part == "__init__"


@pytest.mark.parametrize("part", ["media", "core"])
def test_media_and_core_are_pure(part: str):
    for path in (GATEWAY / part).glob("*.py"):
        assert not {name.split(".")[0] for name in imported(path)} & IMPURE, path
        assert "np.random" not in path.read_text(), path


def test_modules_are_short():
    long = {str(path): count for path in modules() if (count := len(path.read_text().splitlines())) > LONGEST_MODULE}
    assert not long
