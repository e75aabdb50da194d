"""No runtime may report to anybody."""

import subprocess
import sys

CODE = """
import sys
from core.runtimes import runtimes
for runtime in runtimes():
    runtime.load_library()
print(sys.modules.get("openvino_telemetry"), "openvino" in sys.modules)
"""


def test_that_loading_the_runtimes_does_not_load_the_reporter_of_openvino() -> None:
    done = subprocess.run(
        [sys.executable, "-c", CODE], capture_output=True, text=True, check=True
    )
    assert done.stdout.split() == ["None", "True"]
