"""Checks a model that was written, as strictly as its original allows."""
# pyright: reportUnknownMemberType=false
# onnx.checker is partly untyped.

from collections.abc import Callable
from pathlib import Path

from core.errors import InputError, UserError
from core.model.onnx_file import read_skeleton
from core.plan.plan import RuntimeChoice
from core.runtimes import runtimes
from core.runtimes.feeds import made_up_feeds

LARGEST_TRIED = 500_000_000
"""Bytes of a model that is run once to see whether it still does; larger ones are only loaded."""
_RUNTIME = "onnxruntime"
_LONGEST = 400

Check = Callable[[Path], str | None]
"""Says what is wrong with a model file, or None."""


def check_written(
    written: Path, source: Path, scratch: Path, told: Callable[[str], None]
) -> tuple[str, ...]:
    """Check the edited model `written` against the rules of ONNX and in ONNX Runtime.

    What the original at `source` fails too is only noted. `scratch` is beside `written`. Returns
    the notes; raises InputError with everything that is wrong.
    """
    notes: list[str] = []
    wrong: list[str] = []
    structure = _structure_of(written, scratch / "structure.onnx")
    checks: list[tuple[str, Check, Path]] = [
        ("Checking it against the rules of ONNX", _against_rules, structure),
        ("Trying it in ONNX Runtime", _in_runtime(written), structure),
    ]
    for title, check, file in checks:
        told(title)
        said = check(file)
        if said is None:
            continue
        before = check(source)
        if before is None:
            wrong.append(said)
        else:
            notes.append(f"{said} This was so before the edits too.")
    structure.unlink()
    if wrong:
        raise InputError(
            "The edited model is not sound, so it was not saved.",
            " ".join(wrong),
            "Undo or change the edit that does this, then save again.",
        )
    return tuple(notes)


def _structure_of(written: Path, target: Path) -> Path:
    """A small file that takes its weights from the written one, which spares loading them."""
    target.write_bytes(read_skeleton(written).SerializeToString())
    return target


def _against_rules(file: Path) -> str | None:
    from onnx import checker, shape_inference

    try:
        checker.check_model(str(file), full_check=True)
    except (checker.ValidationError, shape_inference.InferenceError, RuntimeError) as error:
        return f"The rules of ONNX: {' '.join(str(error).split())[:_LONGEST]}"
    return None


def _in_runtime(written: Path) -> Check:
    """Load a model, and run it once with made-up inputs while it is not too large for that."""
    size = sum(file.stat().st_size for file in written.parent.iterdir() if file.is_file())

    def check(file: Path) -> str | None:
        try:
            session = runtimes()[_RUNTIME].compile(file, RuntimeChoice(runtime=_RUNTIME))
            try:
                if size <= LARGEST_TRIED:
                    session.infer(made_up_feeds(session.inputs))
            finally:
                session.close()
        except UserError as error:
            return f"ONNX Runtime: {error.why.removeprefix('It says: ')}"
        except TypeError:
            return None  # an input that is no tensor: nothing can be made up for it
        return None

    return check
