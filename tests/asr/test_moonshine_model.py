"""Finding the model's files, reading the vocabulary, cutting words."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from gateway.asr.moonshine import assets
from gateway.asr.moonshine.alignment import align
from gateway.asr.moonshine.tokenizer import END, Tokenizer, english_tokens
from gateway.asr.moonshine.words import split_spelled, word_runs
from gateway.errors import EngineError

VOCABULARY = [b"<unk>", b"\xe2\x96\x81six", b",", b"\xe2\x96\x81", b"6", b"1", b"-", b"\xe2\x96\x81my"]
SIX, COMMA, SPACE, D6, D1, HYPHEN, MY = range(1, 8)


def test_a_missing_model_says_how_to_mend_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(assets, "PACKAGE", "no_such_package_here")
    with pytest.raises(EngineError, match="pip install 'moonshine-voice==0.1.0'"):
        assets.find_model()


def test_a_vocabulary_file(tmp_path: Path) -> None:
    path = tmp_path / "tokenizer.bin"
    long = b"x" * 130
    path.write_bytes(bytes([3]) + b"abc" + bytes([130, 1]) + long)
    tokenizer = Tokenizer.from_file(path)
    assert [tokenizer.text([0]), tokenizer.text([1])] == ["abc", long.decode()]
    path.write_bytes(bytes([9]) + b"abc")
    with pytest.raises(EngineError, match="cut short"):
        Tokenizer.from_file(path)


def test_only_english_is_written() -> None:
    tokens = [
        b"<unk>",
        b"<s>",
        b"</s>",
        "\u2581d\u00e9j\u00e0".encode(),
        b"\xe2\x96\x81six",
        b"<0x41>",
        b"\xc3",
        b"4",
        b"\n",
        b"'s",
    ]
    assert english_tokens(Tokenizer(tokens)) == [END, 4, 5, 7, 9]


def test_words_and_number_groups() -> None:
    tokens = [MY, SIX, COMMA, SPACE, D6, D1, HYPHEN, D1, COMMA]
    runs = word_runs(tokens, Tokenizer(VOCABULARY))
    assert [(run.first, run.end, run.text) for run in runs] == [
        (0, 1, "my"), (1, 3, "six,"), (3, 7, "61-"), (7, 9, "1,"),
    ]  # fmt: skip


def test_only_what_is_spelled_is_cut() -> None:
    tokenizer = Tokenizer(VOCABULARY)
    number = [SPACE, D6, D1, D1]
    (run,) = word_runs(number, tokenizer)
    assert [part.text for part in split_spelled(run, 2, number, tokenizer)] == ["6", "11"]
    (word,) = word_runs([SIX, COMMA], tokenizer)
    assert split_spelled(word, 1, [SIX, COMMA], tokenizer) == [word]


def test_tokens_are_where_the_decoder_looked() -> None:
    attention = np.full((2, 20), 0.01, dtype=np.float32)
    attention[0, 2:7] = attention[1, 12:18] = 0.2
    quiet = np.ones(20, dtype=np.bool_)
    quiet[2:7] = quiet[12:18] = False
    spans = align(attention, quiet, np.array([True, True]))
    np.testing.assert_allclose(spans, [[2, 7], [12, 18]], atol=1)
    assert align(attention[:0], quiet, np.zeros(0, dtype=np.bool_)).shape == (0, 2)
