"""What is not known of a model's costs, in words: a total of what is known would mislead."""

from core.model.summary import ModelSummary

_TELLING = 0.1
"""From this share of layers without a known cost on, the sum of the others is no total."""


def has_costs(summary: ModelSummary) -> bool:
    """False for weights without a graph: there is nothing to add up."""
    return bool(summary.inputs or summary.outputs or summary.operations)


def is_total(summary: ModelSummary) -> bool:
    """Whether `summary.operations` may be told as those of the whole model."""
    return has_costs(summary) and summary.unknown_layers < _TELLING * max(summary.layers, 1)


def operations_reservation(summary: ModelSummary) -> str:
    """“not known for 212 of 323 layers: input sizes are free”; empty when all are known."""
    if not summary.unknown_layers or not has_costs(summary):
        return ""
    reason = ": input sizes are free" if summary.free_inputs else ""
    return f"not known for {summary.unknown_layers:,} of {summary.layers:,} layers{reason}"


def memory_reservations(assumed: int, unsized: int) -> tuple[str, ...]:
    """Sentences about values whose size was assumed, and about those left out."""
    said: list[str] = []
    if assumed:
        values = "value has" if assumed == 1 else "values have"
        said.append(f"{assumed:,} {values} free sizes, which count as 1.")
    if unsized:
        values = "value is" if unsized == 1 else "values are"
        said.append(f"{unsized:,} {values} not counted: shape or type is not known.")
    return tuple(said)
