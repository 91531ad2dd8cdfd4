"""When each token was spoken: a monotone path through the decoder's cross-attention.

Every token takes a run of encoder frames, in order; between two words a pause may take frames too. The path with the
greatest sum of scores wins: a token scores where the decoder looked at the frame for it, a pause where it is quiet.
(Dynamic time warping on cross-attention is the method of openai/whisper `whisper/timing.py`; the pauses are ours.)
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from gateway.asr.moonshine.encoder import Floats

PAUSE_QUIET = 0.5
PAUSE_LOUD = -0.2
_MEDIAN = 7
_UNDECIDED = 0.1


def align(attention: Floats, quiet: NDArray[np.bool_], word_starts: NDArray[np.bool_]) -> NDArray[np.int64]:
    """Frames of each token: [tokens, 2], first and past-the-end frame; in order, not overlapping, maybe empty.

    `attention`: [tokens, frames]. `quiet`: [frames], no voice there. `word_starts`: [tokens], a pause may come before.
    """
    tokens, frames = attention.shape
    if tokens == 0:
        return np.zeros((0, 2), dtype=np.int64)
    scores = _scores(attention)
    pause = np.concatenate([[0.0], np.cumsum(np.where(quiet, PAUSE_QUIET, PAUSE_LOUD))])
    sums = np.concatenate([np.zeros((tokens, 1)), np.cumsum(scores, axis=1)], axis=1)
    edges = np.arange(frames + 1)
    # best[j]: the best score of everything before the current state when that state begins at frame edge j.
    best = pause.copy()
    token_from = np.empty((tokens, frames + 1), dtype=np.int64)
    pause_from = np.empty((tokens, frames + 1), dtype=np.int64)
    for token in range(tokens):
        if token and word_starts[token]:
            best, pause_from[token] = _extend(best, pause, edges)
        else:
            pause_from[token] = 0 if token == 0 else edges
        best, token_from[token] = _extend(best, sums[token], edges)
    end = int(np.argmax(best + (pause[-1] - pause)))
    spans = np.empty((tokens, 2), dtype=np.int64)
    for token in range(tokens - 1, -1, -1):
        start = int(token_from[token, end])
        spans[token] = start, end
        end = int(pause_from[token, start])
    return spans


def _extend(
    best: NDArray[np.float64], sums: NDArray[np.float64], edges: NDArray[np.int64]
) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    """Let a state begin at any edge and last to each later edge: the best score at its end, and where it began."""
    gain = best - sums
    running = np.maximum.accumulate(gain)
    began = np.maximum.accumulate(np.where(gain >= running, edges, 0))
    return running + sums, began


def _scores(attention: Floats) -> NDArray[np.float64]:
    """Each token's share of the attention paid to a frame, smoothed along time, 0..1."""
    padded = np.pad(attention.astype(np.float64), ((0, 0), (_MEDIAN // 2, _MEDIAN // 2)), mode="edge")
    smooth = np.median(np.lib.stride_tricks.sliding_window_view(padded, _MEDIAN, axis=1), axis=2)
    share: NDArray[np.float64] = smooth / (smooth.sum(axis=0, keepdims=True) + _UNDECIDED)
    return share
