"""Where outputs go is settled, and refused, before anything is read."""

from __future__ import annotations

from pathlib import Path

import pytest

from gateway.errors import OptionError
from gateway.files.outputs import PlannedOutput, plan_outputs


def test_names(tmp_path: Path) -> None:
    out = tmp_path / "deep" / "out"
    files = [Path("calls/a.mp3"), Path("b.two.wav"), Path(".hidden")]
    assert plan_outputs(files, out) == [
        PlannedOutput(files[0], out / "a.wav", out / "a.json"),
        PlannedOutput(files[1], out / "b.two.wav", out / "b.two.json"),
        PlannedOutput(files[2], out / ".hidden.wav", out / ".hidden.json"),
    ]
    assert out.is_dir()
    assert plan_outputs(files, out)


@pytest.mark.parametrize(
    ("files", "message"),
    [
        ([], "no file"),
        (["a.wav", "b.wav", "x/a.mp3"], r"a\.wav and x/a\.mp3 would both be written to"),
        (["a.wav", "./a.wav"], "would both be written to"),
        (["."], "is a directory"),
        (["/"], "is a directory"),
    ],
)
def test_refused(tmp_path: Path, files: list[str], message: str) -> None:
    with pytest.raises(OptionError, match=message):
        plan_outputs([Path(file) for file in files], tmp_path / "out")
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize("name", ["call.wav", "call.json"])
def test_an_output_is_never_an_input(tmp_path: Path, name: str) -> None:
    """Nor is it where it is reached by another way."""
    (tmp_path / "calls").mkdir()
    (tmp_path / "calls" / name).touch()
    (tmp_path / "link").symlink_to(tmp_path / "calls")
    with pytest.raises(OptionError, match="is an input and would be written over"):
        plan_outputs([tmp_path / "calls" / name], tmp_path / "link")


def test_links_in_a_circle_are_no_obstacle(tmp_path: Path) -> None:
    (tmp_path / "a.wav").symlink_to(tmp_path / "a.wav")
    assert len(plan_outputs([tmp_path / "a.wav"], tmp_path / "out")) == 1


@pytest.mark.parametrize("out", ["file", "file/out"])
def test_a_directory_that_cannot_be_made(tmp_path: Path, out: str) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(OptionError, match="the output directory cannot be made"):
        plan_outputs([Path("a.wav")], tmp_path / out)
