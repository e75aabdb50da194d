"""Memory of an NVIDIA GPU through the library of its driver, which is there wherever that is."""

import ctypes
import sys
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Protocol

from core.errors import UserError

if TYPE_CHECKING:
    import numpy as np

_LIBRARY = "nvcuda.dll" if sys.platform == "win32" else "libcuda.so.1"
_NON_BLOCKING = 1  # CU_STREAM_NON_BLOCKING


class Gpu(Protocol):
    """Where tensors of an engine lie. One object serves several threads."""

    def stream(self) -> int:
        """A new queue of work, by its handle."""
        ...

    def allocate(self, size: int) -> int:
        """Bytes on the device; returns their address."""
        ...

    def free(self, address: int) -> None: ...

    def upload(self, address: int, values: "np.ndarray", stream: int) -> None:
        """Copy a contiguous array there."""
        ...

    def download(self, address: int, values: "np.ndarray", stream: int) -> None:
        """Copy what lies there into a contiguous array."""
        ...

    def wait(self, stream: int) -> None:
        """Until everything in the queue is done."""
        ...


class CudaDriver:
    """One GPU, in the context that TensorRT uses as well. Raises UserError where it fails."""

    def __init__(self, number: int = 0) -> None:
        try:
            self._library = ctypes.CDLL(_LIBRARY)
        except OSError as error:
            raise _failed(f"The driver’s library cannot be loaded: {error}.") from error
        self._context = ctypes.c_void_p()
        device = ctypes.c_int()
        self._call("cuInit", 0)
        self._call("cuDeviceGet", ctypes.byref(device), number)
        self._call("cuDevicePrimaryCtxRetain", ctypes.byref(self._context), device)

    def stream(self) -> int:
        made = ctypes.c_void_p()
        self._here("cuStreamCreate", ctypes.byref(made), _NON_BLOCKING)
        return made.value or 0

    def allocate(self, size: int) -> int:
        address = ctypes.c_uint64()
        self._here("cuMemAlloc_v2", ctypes.byref(address), ctypes.c_size_t(max(size, 1)))
        return address.value

    def free(self, address: int) -> None:
        self._here("cuMemFree_v2", ctypes.c_uint64(address))

    def upload(self, address: int, values: "np.ndarray", stream: int) -> None:
        source = ctypes.c_void_p(values.ctypes.data)
        self._copy("cuMemcpyHtoDAsync_v2", ctypes.c_uint64(address), source, values, stream)

    def download(self, address: int, values: "np.ndarray", stream: int) -> None:
        target = ctypes.c_void_p(values.ctypes.data)
        self._copy("cuMemcpyDtoHAsync_v2", target, ctypes.c_uint64(address), values, stream)

    def wait(self, stream: int) -> None:
        self._here("cuStreamSynchronize", ctypes.c_void_p(stream))

    def _copy(self, name: str, to: object, source: object, values: "np.ndarray", on: int) -> None:
        self._here(name, to, source, ctypes.c_size_t(values.nbytes), ctypes.c_void_p(on))

    def _here(self, name: str, *arguments: object) -> None:
        """Call with our context current on this thread."""
        self._call("cuCtxSetCurrent", self._context)
        self._call(name, *arguments)

    def _call(self, name: str, *arguments: object) -> None:
        function: Callable[..., Any] = getattr(self._library, name)
        code = function(*arguments)
        if code:
            raise _failed(f"{name} returned {code}: {self._words(code)}.")

    def _words(self, code: int) -> str:
        text = ctypes.c_char_p()
        self._library.cuGetErrorString(code, ctypes.byref(text))
        return (text.value or b"unknown error").decode(errors="replace")


def _failed(why: str) -> UserError:
    return UserError(
        "The NVIDIA GPU could not be used.",
        why[:300],
        "Check the driver with nvidia-smi, and that no other program holds the GPU’s memory.",
    )
