"""Which layers of a model are drawn: all but hidden operators and what is folded into others."""

from collections import Counter
from dataclasses import dataclass, replace

from core.layout import folded_by_default
from core.model.graph import ModelGraph


@dataclass(frozen=True)
class Visibility:
    """What a person chose to see."""

    hidden: frozenset[str] = frozenset()
    """Operators that are left out."""
    quantization: bool = False
    """Whether layers that only quantize and dequantize are drawn on their own."""

    def toggled(self, operator: str) -> "Visibility":
        return replace(self, hidden=self.hidden ^ {operator})

    def hidden_layers(self, graph: ModelGraph) -> frozenset[int]:
        """The layers that are not drawn; never all of them."""
        folded = frozenset[int]() if self.quantization else folded_by_default(graph)
        if not self.hidden:
            return folded
        chosen = {
            index for index, operator in enumerate(graph.operators) if operator in self.hidden
        }
        found = folded | chosen
        return found if len(found) < len(graph.layers) else folded

    def words(self, graph: ModelGraph) -> str:
        """“12 Relu, 3 Add hidden”; empty where no operator is."""
        if not self.hidden:
            return ""
        counts = operator_counts(graph)
        names = [f"{count:,} {name}" for name, count in counts if name in self.hidden]
        more = f" and {len(names) - 3} more" if len(names) > 3 else ""
        return f"{', '.join(names[:3])}{more} hidden" if names else ""


def operator_counts(graph: ModelGraph) -> list[tuple[str, int]]:
    """Operators with how often they occur, the most frequent first."""
    return Counter(graph.operators).most_common()
