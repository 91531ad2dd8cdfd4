"""The classifier: a bottleneck on each frame, two layers over its neighbours, and how it is fitted and stored."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import onnx
import torch
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper
from torch import nn

from gateway.asr.moonshine.number_head import CLASSES, SILENCE
from models.number_head.classes import IGNORED
from models.number_head.frames import Window

HIDDEN = 288
BOTTLENECK = 96
WIDTH = 128
_BATCH = 24
_BEGIN_WEIGHT = torch.tensor(3.0)


class Classifier(nn.Module):
    """Frames [batch, HIDDEN, frames] to logits [batch, classes + 1, frames]; sees 8 frames (190 ms) to either side.

    The last logit is that of a beginning.
    """

    def __init__(self, mean: torch.Tensor, scale: torch.Tensor) -> None:
        super().__init__()
        self.mean, self.scale = nn.Buffer(mean), nn.Buffer(scale)
        self.first = nn.Conv1d(HIDDEN, BOTTLENECK, 1)
        self.second = nn.Conv1d(BOTTLENECK, WIDTH, 5, dilation=3, padding=6)
        self.third = nn.Conv1d(WIDTH, BOTTLENECK, 3, dilation=2, padding=2)
        self.last = nn.Conv1d(BOTTLENECK, len(CLASSES) + 1, 1)
        self.drop = nn.Dropout(0.25)

    def forward(self, frames: torch.Tensor, real: torch.Tensor) -> torch.Tensor:
        """The logits. `real` [batch, 1, frames] is 0 behind a window's end, where a live one has no frames."""
        frames = (frames - self.mean[:, None]) * self.scale[:, None]
        frames = torch.relu(self.first(self.drop(frames))) * real
        frames = torch.relu(self.second(self.drop(frames))) * real
        frames = torch.relu(self.third(self.drop(frames)))
        logits: torch.Tensor = self.last(self.drop(frames))
        return logits


def fit(windows: Sequence[Window], epochs: int, seed: int, report: Callable[[float, float], None]) -> Classifier:
    """Train on all frames of the windows. The same windows and seed give the same weights on the same machine.

    `report` is told the share that is done, and the loss.
    """
    torch.manual_seed(seed)
    random = np.random.default_rng(seed)
    sample = np.concatenate([windows[index].hidden for index in random.integers(len(windows), size=400)])
    sample = sample.astype(np.float32)
    model = Classifier(torch.from_numpy(sample.mean(axis=0)), torch.from_numpy(1 / (sample.std(axis=0) + 1e-3)))
    batches = [batch for _ in range(epochs) for batch in _batches(windows, random)]
    optimizer = torch.optim.AdamW(model.parameters(), lr=1e-3, weight_decay=0.05)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, 2e-3, total_steps=len(batches), pct_start=0.15)
    weights = torch.ones(len(CLASSES))
    weights[SILENCE] = 0.3
    loss_of = nn.CrossEntropyLoss(weight=weights, ignore_index=IGNORED)
    model.train()
    running = 0.0
    for number, chosen in enumerate(batches):
        hidden, real, labels, begins = _padded([windows[index] for index in chosen])
        logits = model(hidden, real)
        known = begins != IGNORED
        loss = loss_of(logits[:, :-1], labels)
        loss = loss + 0.5 * nn.functional.binary_cross_entropy_with_logits(
            logits[:, -1][known], begins[known].float(), pos_weight=_BEGIN_WEIGHT
        )
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        schedule.step()
        running = 0.98 * running + 0.02 * float(loss.detach())
        report((number + 1) / len(batches), running)
    return model.eval()


def _batches(windows: Sequence[Window], random: np.random.Generator) -> list[NDArray[np.int64]]:
    """All windows once, in batches of similar length and random order."""
    order = random.permutation(len(windows))
    batches = []
    for first in range(0, len(order), _BATCH * 16):
        near = sorted(order[first : first + _BATCH * 16], key=lambda index: len(windows[index].labels))
        batches += [np.array(near[index : index + _BATCH]) for index in range(0, len(near), _BATCH)]
    return [batches[index] for index in random.permutation(len(batches))]


def _padded(windows: Sequence[Window]) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor, torch.Tensor]:
    """Windows side by side: frames, which of them are real, labels, beginnings."""
    longest = max(len(window.labels) for window in windows)
    hidden = torch.zeros(len(windows), HIDDEN, longest)
    real = torch.zeros(len(windows), 1, longest)
    labels = torch.full((len(windows), longest), IGNORED, dtype=torch.int64)
    begins = torch.full((len(windows), longest), IGNORED, dtype=torch.int64)
    for row, window in enumerate(windows):
        count = len(window.labels)
        hidden[row, :, :count] = torch.from_numpy(window.hidden.astype(np.float32)).T
        real[row, :, :count] = 1.0
        labels[row, :count] = torch.from_numpy(window.labels)
        begins[row, :count] = torch.from_numpy(window.begins)
    return hidden, real, labels, begins


def store(model: Classifier, path: Path) -> None:
    """Write as ONNX: `hidden` [frames, HIDDEN] to `probabilities` [frames, classes + 1]; the mean is folded in."""
    scale, mean = model.scale.numpy(), model.mean.numpy()
    first = model.first.weight.detach().numpy()
    arrays = {
        "first.weight": first * scale[None, :, None],
        "first.bias": model.first.bias.detach().numpy() - (first[:, :, 0] * scale) @ mean,
    }
    for name in ("second", "third", "last"):
        layer: nn.Conv1d = getattr(model, name)
        arrays[f"{name}.weight"] = layer.weight.detach().numpy()
        assert layer.bias is not None
        arrays[f"{name}.bias"] = layer.bias.detach().numpy()
    nodes = [
        helper.make_node("Transpose", ["hidden"], ["turned"], perm=[1, 0]),
        helper.make_node("Unsqueeze", ["turned", "axis"], ["frames"]),
    ]
    value = "frames"
    for name, padding, dilation in (("first", 0, 1), ("second", 6, 3), ("third", 2, 2), ("last", 0, 1)):
        inputs = [value, f"{name}.weight", f"{name}.bias"]
        nodes.append(helper.make_node("Conv", inputs, [f"{name}.sum"], pads=[padding, padding], dilations=[dilation]))
        value = f"{name}.sum"
        if name != "last":
            nodes.append(helper.make_node("Relu", [value], [name]))
            value = name
    nodes += [
        helper.make_node("Squeeze", [value, "axis"], ["logits"]),
        helper.make_node("Transpose", ["logits"], ["rows"], perm=[1, 0]),
        helper.make_node("Split", ["rows", "sizes"], ["classes", "beginning"], axis=1),
        helper.make_node("Softmax", ["classes"], ["shares"], axis=1),
        helper.make_node("Sigmoid", ["beginning"], ["begins"]),
        helper.make_node("Concat", ["shares", "begins"], ["probabilities"], axis=1),
    ]
    tensors = [numpy_helper.from_array(array.astype(np.float32), name) for name, array in arrays.items()]
    tensors.append(numpy_helper.from_array(np.array([0]), "axis"))
    tensors.append(numpy_helper.from_array(np.array([len(CLASSES), 1]), "sizes"))
    graph = helper.make_graph(
        nodes,
        "number_head",
        [helper.make_tensor_value_info("hidden", TensorProto.FLOAT, ["frames", HIDDEN])],
        [helper.make_tensor_value_info("probabilities", TensorProto.FLOAT, ["frames", len(CLASSES) + 1])],
        tensors,
    )
    opset = [helper.make_opsetid("", 17)]
    onnx.save(helper.make_model(graph, opset_imports=opset, ir_version=8, producer_name="number_head"), path)
