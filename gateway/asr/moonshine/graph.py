"""How models run here, and where those are kept that are built at the first start."""

from __future__ import annotations

import os
from pathlib import Path

import onnxruntime as ort
import platformdirs

CACHE_VARIABLE = "REDACTION_GATEWAY_CACHE"


def session_options() -> ort.SessionOptions:
    """One thread, no spinning: many sessions and processes share the machine."""
    options = ort.SessionOptions()
    options.intra_op_num_threads = 1
    options.inter_op_num_threads = 1
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    options.add_session_config_entry("session.inter_op.allow_spinning", "0")
    options.enable_mem_pattern = False  # it would keep a plan for every length, or combination of lengths
    options.log_severity_level = 3
    return options


def cache_folder() -> Path:
    """The folder named by REDACTION_GATEWAY_CACHE, or the user's cache folder."""
    named = os.environ.get(CACHE_VARIABLE)
    return Path(named) if named else platformdirs.user_cache_path("redaction-gateway", appauthor=False)
