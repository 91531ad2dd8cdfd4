"""The examples of docs/terms.md say what happens."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

DOCUMENT = Path(__file__).parents[2] / "docs" / "terms.md"


def examples() -> list[tuple[str, str]]:
    blocks = re.findall(r"```console\n(.*?)```", DOCUMENT.read_text(encoding="utf-8"), re.DOTALL)
    return [(command, told) for block in blocks for command, told in re.findall(r"\$ (.*)\n(.*)\n", block)]


@pytest.mark.slow
@pytest.mark.parametrize(("command", "told"), examples())
def test_examples(tmp_path: Path, command: str, told: str) -> None:
    content = re.search(r"```toml\n(.*?)```", DOCUMENT.read_text(encoding="utf-8"), re.DOTALL)
    assert content is not None
    (tmp_path / "own.toml").write_text(content[1])
    command = command.replace("redaction-gateway", f"{sys.executable} -m gateway")
    ran = subprocess.run(["bash", "-c", command], cwd=tmp_path, capture_output=True, text=True, check=False)
    assert (ran.stderr, ran.stdout) == ("", told + "\n")
