"""The figures of padding, on the bundled call."""

from __future__ import annotations

import pytest

from gateway.media import quiet
from loadtest.devsets import SetName, load_sets
from loadtest.padding_report import Constants, score


@pytest.mark.slow
def test_wider_pads_leak_less_and_cost_more() -> None:
    clips = load_sets([SetName.SAMPLE])
    narrow, wide = score(clips, Constants(usual_ms=20)), score(clips, Constants(usual_ms=160))
    assert narrow.labelled == wide.labelled > 0
    assert wide.leaked < narrow.leaked < narrow.labelled // 20
    assert narrow.covered_neighbours < wide.covered_neighbours
    assert score(clips, Constants()) == score(clips, Constants())
    assert Constants(usual_ms=quiet.USUAL_MS) == Constants()
