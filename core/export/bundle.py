"""Writes one candidate of a run as a folder that is ready to deploy."""

import hashlib
import json
import shutil
import tempfile
from collections.abc import Generator, Sequence
from contextlib import contextmanager
from importlib.metadata import version
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path

from pydantic import BaseModel, ConfigDict

from core.errors import InputError
from core.export.openvino_ir import write_openvino_ir
from core.export.readme import readme
from core.jobs.folders import finish_folder, storage_errors
from core.runtimes import runtimes
from core.search.report import Candidate, OptimizationReport

_IR = "openvino"
"""Name of OpenVINO's own format."""


class ExportReport(BaseModel):
    """The outcome of an export."""

    model_config = ConfigDict(frozen=True)

    folder: str
    candidate: str
    label: str
    runtime: str
    model: str
    """File name of the model in the folder."""
    files: dict[str, int]
    """File name to its bytes."""


def export_candidate(
    report: OptimizationReport,
    run_folder: Path,
    candidate_id: str | None,
    out: Path,
    *,
    class_names: Sequence[str] = (),
    openvino_ir: bool = False,
) -> ExportReport:
    """Write the folder `out`, which must be new or empty; it appears when it is whole.

    `candidate_id` None takes the chosen candidate. Raises UserError.
    """
    candidate = _candidate(report, candidate_id)
    choice = candidate.plan.runtime
    assert choice is not None and candidate.model is not None
    _check_format(choice.runtime, openvino_ir)
    _check_target(out)
    with _appearing_folder(out) as folder:
        model_file = _write_model(run_folder / candidate.model, folder, openvino_ir)
        _write_program(folder, candidate)
        _write_facts(folder, report, candidate, class_names, model_file)
        _write_checksums(folder)
    return ExportReport(
        folder=str(out),
        candidate=candidate.id,
        label=candidate.label,
        runtime=choice.runtime,
        model=model_file,
        files={path.name: path.stat().st_size for path in sorted(out.iterdir())},
    )


def reads_ir(runtime: str) -> bool:
    """Whether a runtime of this name reads OpenVINO's own format."""
    return runtime in runtimes() and _IR in runtimes()[runtime].takes


@contextmanager
def _appearing_folder(out: Path) -> Generator[Path]:
    """A folder to write into that gets its name when the block is done, or is gone."""
    with storage_errors(out):
        out.parent.mkdir(parents=True, exist_ok=True)
        partial = Path(tempfile.mkdtemp(prefix=f".{out.name}.", dir=out.parent))
        try:
            partial.chmod(0o755)
            yield partial
            finish_folder(out, partial)
        finally:
            shutil.rmtree(partial, ignore_errors=True)


def _candidate(report: OptimizationReport, candidate_id: str | None) -> Candidate:
    wanted = candidate_id or report.chosen
    if wanted is None:
        raise InputError(
            "There is nothing to export.",
            "This run chose no candidate: nothing better than the original met the goal.",
            "Name a candidate, or optimize again with another goal.",
        )
    usable = {each.id: each for each in report.candidates if each.model is not None}
    if wanted not in usable:
        raise InputError(
            f"There is no candidate “{wanted}” that could be exported.",
            f"Those with a model are: {', '.join(usable)}.",
            "Name one of these.",
        )
    return usable[wanted]


def _check_format(runtime: str, openvino_ir: bool) -> None:
    if openvino_ir and not reads_ir(runtime):
        raise InputError(
            "This candidate cannot be exported in OpenVINO's format.",
            f"It was measured on {runtime}, which does not read it.",
            "Export it as ONNX, or choose a candidate that runs on OpenVINO.",
        )


def _check_target(out: Path) -> None:
    if out.exists() and (not out.is_dir() or any(out.iterdir())):
        raise InputError(
            f"“{out}” is there already.",
            "An export never overwrites or mixes with other files.",
            "Choose the name of a new folder.",
        )


def _write_model(source: Path, folder: Path, openvino_ir: bool) -> str:
    """Copy or convert the model with its external data; returns its file name."""
    if not source.is_file():
        raise InputError(
            "The model of this candidate is gone.",
            f"There is no file “{source}”.",
            "Optimize again; the run's folder was changed.",
        )
    if openvino_ir:
        write_openvino_ir(source, folder / "model.xml")
        return "model.xml"
    external = source.with_name(f"{source.name}.data")
    if external.exists():
        # The model names this file, so both keep their names.
        shutil.copyfile(external, folder / external.name)
    shutil.copyfile(source, folder / "model.onnx")
    return "model.onnx"


def _write_program(folder: Path, candidate: Candidate) -> None:
    choice, benchmark = candidate.plan.runtime, candidate.benchmark
    assert choice is not None
    templates = files("resources") / "export"
    runtime = runtimes()[choice.runtime]
    engine = templates / "engines" / (runtime.engine or runtime.name)
    if not engine.is_dir():
        raise InputError(
            "This candidate cannot be exported yet.",
            f"There is no program for models on {choice.runtime}.",
            "Choose a candidate on another runtime.",
        )
    _copy_text(templates / "infer.py.txt", folder / "infer.py")
    _copy_text(engine / "engine.py.txt", folder / "engine.py")
    requirements = (engine / "requirements.txt").read_text(encoding="utf-8")
    package = runtime.package or runtime.engine or runtime.name
    exactly = f"=={benchmark.provenance.runtime_version}" if benchmark else ""
    _write(folder / "requirements.txt", requirements.format(package=package, exactly=exactly))


def _write_facts(
    folder: Path,
    report: OptimizationReport,
    candidate: Candidate,
    class_names: Sequence[str],
    model_file: str,
) -> None:
    _write(folder / "plan.json", candidate.plan.model_dump_json(indent=2))
    _write(folder / "results.json", json.dumps(_results(report, candidate), indent=2))
    _write(folder / "README.txt", readme(report, candidate, model_file))
    if report.contract is not None:
        _write(folder / "contract.json", report.contract.model_dump_json(indent=2))
    if class_names:
        _write(folder / "labels.txt", "\n".join(class_names))


def _results(report: OptimizationReport, candidate: Candidate) -> dict[str, object]:
    return {
        "edgewright": version("edgewright"),
        "model_name": report.model_name,
        "model_sha256": report.model_sha256,
        "goal": report.goal.model_dump(mode="json"),
        "met": report.met,
        "device": report.device.model_dump(mode="json"),
        "accuracy_checked": report.accuracy_checked,
        "contract_origin": report.contract_origin,
        "candidate": candidate.model_dump(mode="json"),
        "ratios": [ratio.model_dump(mode="json") for ratio in report.ratios],
        "why": list(report.why),
    }


def _write_checksums(folder: Path) -> None:
    lines: list[str] = []
    for path in sorted(folder.iterdir()):
        with path.open("rb") as file:
            lines.append(f"{hashlib.file_digest(file, 'sha256').hexdigest()}  {path.name}")
    _write(folder / "SHA256SUMS", "\n".join(lines))


def _copy_text(source: Traversable, target: Path) -> None:
    target.write_bytes(source.read_bytes())


def _write(path: Path, text: str) -> None:
    path.write_text(f"{text.rstrip()}\n", encoding="utf-8")
