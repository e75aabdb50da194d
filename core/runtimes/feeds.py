"""Made-up inputs for models whose speed is measured without data."""

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from core.runtimes.base import Port

if TYPE_CHECKING:
    import numpy as np


def made_up_feeds(ports: Sequence[Port], batch: int = 1) -> "dict[str, np.ndarray]":
    """The same values every time: normal noise for real numbers, zeros for whole ones.

    Zeros are valid as indices and tokens. A free first dimension is taken as `batch`, others as 1.
    """
    import numpy as np

    noise = np.random.default_rng(0)
    feeds: dict[str, np.ndarray] = {}
    for port in ports:
        sizes = ((batch if axis == 0 else 1, size) for axis, size in enumerate(port.shape))
        shape = tuple(taken if size is None else size for taken, size in sizes)
        if port.dtype.startswith("float"):
            feeds[port.name] = noise.standard_normal(shape, dtype=np.float32).astype(port.dtype)
        else:
            feeds[port.name] = np.zeros(shape, dtype=port.dtype)
    return feeds


def sentences_about_feeds(ports: Sequence[Port]) -> tuple[str, ...]:
    """What has to be said about the sizes that `made_up_feeds` took for granted.

    A batch of one is what is measured everywhere and needs no word.
    """
    free = [port.name for port in ports if None in port.shape[1:]]
    if not free:
        return ()
    return (f"Free sizes of {', '.join(free)} were taken as 1.",)


def feeds_from_rows(port: Port, rows: "np.ndarray") -> "Iterator[dict[str, np.ndarray]]":
    """Each row as a batch of one, in the port's dtype. `rows` has shape (samples, …)."""
    import numpy as np

    for row in rows:
        yield {port.name: np.ascontiguousarray(row[None], dtype=port.dtype)}
