"""The tagger's network: what a turn gets is the same to the last bit, whatever shares its call."""

from __future__ import annotations

from importlib.resources import files
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.pii.tagger_network import Reading, TaggerNetwork, Tags

LONGEST = 96
pytestmark = pytest.mark.model


@pytest.fixture(scope="module")
def network() -> TaggerNetwork:
    return TaggerNetwork(Path(str(files("gateway") / "data" / "tagger.onnx")))


def made(length: int, seed: int, asked: int) -> Reading:
    """Any pieces between the first and the last sign."""
    random = np.random.default_rng(seed)
    ids = [101, *random.integers(1000, 30000, length - 2).tolist(), 102]
    shapes = [0, *random.integers(0, 4, length - 2).tolist(), 0]
    speaker = int(random.integers(1, length - 1))
    return Reading(ids, shapes, speaker, list(range(speaker, length - 1))[:asked])


def same(one: Tags, other: Tags) -> bool:
    """Equal, with no tolerance: what is chosen by any threshold is the same."""
    return np.array_equal(one.kinds, other.kinds) and np.array_equal(one.open, other.open)


readings = st.builds(made, st.integers(3, LONGEST), st.integers(0, 2**32), st.integers(1, LONGEST))


@settings(max_examples=12)
@given(readings, st.lists(readings, min_size=1, max_size=5), st.integers(0, 5))
def test_neighbours_change_nothing(network: TaggerNetwork, one: Reading, others: list[Reading], place: int):
    place = min(place, len(others))
    together = network.read([*others[:place], one, *others[place:]])
    assert same(together[place], network.read([one])[0])


@pytest.mark.slow
@pytest.mark.parametrize("length", [*range(3, LONGEST, 11), LONGEST])
def test_padding_changes_nothing(network: TaggerNetwork, length: int):
    one = made(length, length, 3)
    (alone,) = network.read([one])
    for longer in range(length + 1, min(length + 16, LONGEST) + 1, 5):
        assert same(network.read([one, made(longer, 1, 1)])[0], alone)


def test_how_many_words_are_asked_changes_nothing(network: TaggerNetwork):
    whole = network.read([made(30, 3, 30)])[0]
    for count in (1, 2, 5):
        few = network.read([made(30, 3, count)])[0]
        assert same(few, Tags(whole.kinds[:count], whole.open[:count]))


def test_nothing_to_read_is_no_trouble(network: TaggerNetwork):
    assert network.read([]) == []
