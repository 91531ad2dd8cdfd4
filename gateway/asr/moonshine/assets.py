"""Where the speech model lies: inside an installed package, whose own code is never run."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

from gateway.errors import EngineError

PACKAGE = "moonshine_voice"
MODEL = "tiny-en"
_MEND = "install it with: pip install 'moonshine-voice==0.1.0' (its wheel needs glibc 2.34 or newer)"


@dataclass(frozen=True, slots=True)
class ModelFiles:
    """The three files of the model; all exist."""

    encoder: Path
    decoder: Path
    tokenizer: Path

    def digest(self) -> str:
        """16 hexadecimal digits that name the decoder's content."""
        with self.decoder.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()[:16]


def find_model() -> ModelFiles:
    """The files of the installed model. Raises EngineError that says how to mend it when one is missing."""
    spec = find_spec(PACKAGE)
    if spec is None or not spec.submodule_search_locations:
        raise EngineError(f"the speech model is not installed: {_MEND}")
    folder = Path(spec.submodule_search_locations[0]) / "assets" / MODEL
    files = ModelFiles(folder / "encoder_model.ort", folder / "decoder_model_merged.ort", folder / "tokenizer.bin")
    for path in (files.encoder, files.decoder, files.tokenizer):
        if not path.is_file():
            raise EngineError(f"the installed {PACKAGE} package holds no {MODEL}/{path.name}: {_MEND}")
    return files
