"""Keeps the libraries from reporting home: Edgewright works offline and tells nobody anything."""

import os
import sys
from typing import cast


def silence_telemetry() -> None:
    """Must run before onnxruntime or openvino is imported; child processes inherit the first part.

    WORKAROUND ONNX Runtime 1.31 records events in the user's cache folder and sends them, unless
    told not to. OpenVINO 2026.4 sends an event at import from a process that it forks for it; that
    one hangs for ever when another thread reads stdin. Without `openvino_telemetry` it takes its
    own empty stand-in.
    """
    os.environ["ORT_DISABLE_TELEMETRY"] = "1"
    modules = cast("dict[str, object]", sys.modules)
    modules.setdefault("openvino_telemetry", None)
