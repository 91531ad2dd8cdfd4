"""The embedded English speech model, on onnxruntime."""
