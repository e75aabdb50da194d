"""Which build of ONNX Runtime is installed, found out without importing it.

There is a package for each family of accelerators, all with the same module. Which providers a
build holds is seen from the libraries beside it and from the package that it says it is.
"""

import re
from dataclasses import dataclass
from functools import cache
from importlib import util
from pathlib import Path

from core.runtimes.base import Availability

_INSTALL = "It is not installed. Install it with: pip install onnxruntime"
_FIELD = re.compile(r"^(\w+) = \W?([\w.\-+]+)", re.MULTILINE)


@dataclass(frozen=True)
class OnnxRuntimeBuild:
    """The installed build; `package` is empty where there is none."""

    package: str = ""
    version: str = ""
    libraries: frozenset[str] = frozenset()
    """Names of the files beside its own library, in lower case."""

    @property
    def availability(self) -> Availability:
        return Availability(version=self.version) if self.package else Availability(reason=_INSTALL)

    def has_library(self, name: str) -> bool:
        """Whether a library of this name lies there, whatever the system calls such files."""
        return any(name in file for file in self.libraries)


@cache
def onnx_runtime_build() -> OnnxRuntimeBuild:
    """The build that an import would take."""
    found = util.find_spec("onnxruntime")
    if found is None or found.origin is None:
        return OnnxRuntimeBuild()
    return build_in(Path(found.origin).parent / "capi")


def build_in(folder: Path) -> OnnxRuntimeBuild:
    """Read what a build says about itself, in the folder that holds its libraries."""
    try:
        told = dict(_FIELD.findall((folder / "build_and_package_info.py").read_text("utf-8")))
    except OSError:
        told = {}
    return OnnxRuntimeBuild(
        package=told.get("package_name", "onnxruntime"),
        version=told.get("__version__", "unknown"),
        libraries=frozenset(file.name.lower() for file in folder.glob("*") if file.is_file()),
    )
