"""Builds the one-folder bundle and lets it prove that it works: `python packaging/build.py`."""

import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
BUNDLE = ROOT / "dist" / "edgewright"


def build() -> None:
    """Freeze the program into dist/edgewright."""
    spec = ROOT / "packaging" / "edgewright.spec"
    arguments = ["--noconfirm", "--distpath", ROOT / "dist", "--workpath", ROOT / "build", spec]
    subprocess.run([sys.executable, "-m", "PyInstaller", *map(str, arguments)], check=True)


def smoke_test() -> None:
    """Run the main job on the sample with the frozen program alone; raises when it fails."""
    program = BUNDLE / ("edgewright.exe" if os.name == "nt" else "edgewright")
    with tempfile.TemporaryDirectory() as folder:
        command = [str(program), "demo", "--headless", "--out", f"{folder}/demo", "--json"]
        clean = {k: v for k, v in os.environ.items() if not k.startswith(("PYTHON", "VIRTUAL_ENV"))}
        done = subprocess.run(command, stdout=subprocess.PIPE, cwd=folder, env=clean, check=True)
        report = json.loads(done.stdout)
    print(f"The bundle chose {report['chosen']!r} among {len(report['candidates'])} candidates.")


def bundle_bytes() -> int:
    """Size of the bundle on disk, links not followed."""
    return sum(file.lstat().st_size for file in BUNDLE.rglob("*") if file.is_file())


if __name__ == "__main__":
    build()
    print(f"{BUNDLE}: {bundle_bytes() / 1e6:.0f} MB")
    smoke_test()
