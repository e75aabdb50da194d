"""Which layer of the original a tensor of a compressed model stands for."""

from pathlib import Path

from core.model.graph import LayerId, ModelGraph


class Origins:
    """Traces tensors of a rewritten model back to the layers that both models have."""

    def __init__(self, compressed: Path, original: ModelGraph) -> None:
        """Raises InputError for a file that cannot be read."""
        from core.formats import read_graph

        self._graph = read_graph(compressed)
        self._original = original
        self.tensors = tuple(name for layer in self._graph.layers for name in layer.outputs if name)
        """What the compressed model computes, in order."""

    def layer_of(self, tensor: str) -> LayerId | None:
        """The layer that makes the tensor; what techniques put in stands for what feeds it."""
        seen: set[str] = set()
        while tensor not in seen:
            seen.add(tensor)
            maker = self._graph.producers.get(tensor)
            if maker is None:
                return None
            if maker in self._original.by_id:
                return maker
            inputs = self._graph.by_id[maker].inputs
            if not inputs:
                return None
            tensor = inputs[0]
        return None
