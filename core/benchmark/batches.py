"""Copies of a model that take a given number of inputs at once."""

from pathlib import Path

from core.formats import format_of


def with_batch(model: Path, batch: int, folder: Path) -> Path:
    """The model with its batch set; itself where it is not ONNX or already takes just so many.

    The copy lies in a folder of its own under `folder`. Raises UserError when the batch is built
    into the model: then some sizes inside it would no longer fit.
    """
    if format_of(model).name != "onnx" or _takes_exactly(model, batch):
        return model
    from core.edit.applying import edited_draft
    from core.edit.kinds.batch import SetBatch
    from core.model.onnx_writer import write_onnx

    draft = edited_draft(model, [SetBatch(batch=batch)])
    target = folder / f"batch-{batch}"
    written = target / model.name
    if not written.exists():
        target.mkdir(parents=True)
        write_onnx(draft.finish(), model, written)
    return written


def _takes_exactly(model: Path, batch: int) -> bool:
    from core.formats import read_graph

    shapes = [each.shape for each in read_graph(model).inputs if each.shape]
    batched = [shape for shape in shapes if len(shape) > 1]
    return all(shape[0] == batch for shape in batched) and (batch == 1 or bool(batched))
