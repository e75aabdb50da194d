"""Opens a race or a map: working copy, device, the originals on every runtime, images."""

from collections.abc import Collection
from dataclasses import replace
from pathlib import Path

from core.benchmark.ground import Ground, HomeGround
from core.devices.base import DeviceFacts
from core.errors import InputError
from core.jobs.folders import storage_errors
from core.jobs.kinds.base import JobContext
from core.runtimes.base import Runtime
from core.search.compression import original_candidate
from core.search.entries import baselines
from core.search.images import prepare_images
from core.search.request import OptimizeRequest
from core.search.setting import Setting

READ = "Reading the model"
PREPARE = "Preparing the images"


def set_up(request: OptimizeRequest, context: JobContext, ground: Ground | None = None) -> Setting:
    """Everything that is needed before anything is measured. Raises UserError.

    `ground` is the device of the request; without it only this computer is taken.
    """
    from core.devices import find_device
    from core.formats import check_runnable_onnx, format_of, read_graph
    from core.model.fingerprint import fingerprint
    from core.runtimes import available_runtimes

    context.step(READ)
    check_runnable_onnx(request.model)
    original = _working_copy(request.model, context)
    given = read_graph(request.model)
    companions = format_of(request.model).companions(request.model)
    graph = replace(
        read_graph(original),
        name=given.name,
        file_bytes=given.file_bytes,
        sha256=fingerprint(request.model, companions),
    )
    device = find_device(request.device)
    if ground is None:
        _refuse_board(device)
        ground = HomeGround(tuple(device.runtimes))
    usable = {one.name: one for one in available_runtimes() if one.name in device.runtimes}
    runtimes = _allowed(usable, request.runtimes)
    setting = Setting(
        request=request,
        context=context,
        original=original,
        graph=graph,
        device=device,
        ground=ground,
        runtimes=runtimes,
        earlier=Setting.remembered(request),
    )
    for candidate in baselines(runtimes, request.threads):
        setting.candidates[candidate.id] = original_candidate(setting, candidate)
    if request.data is not None:
        _prepare(setting, request.data)
    return setting


def _refuse_board(device: DeviceFacts) -> None:
    """What is run by this computer must not bear a board's name."""
    from core.remote.boards import boards

    if device.id in boards().found:
        raise InputError(
            f"This cannot be done on “{device.name}”.",
            "Layers are timed and answers are looked into on this computer only.",
            "Choose this computer for it, then measure the result on the board.",
        )


def _allowed(usable: dict[str, Runtime], wanted: Collection[str]) -> dict[str, Runtime]:
    """The runtimes that a request allows; all of them where it names none."""
    if not usable:
        raise InputError(
            "There is nothing to run models with.",
            "None of the known runtimes can be loaded.",
            "Install Edgewright again.",
        )
    if unusable := sorted(set(wanted) - usable.keys()):
        raise InputError(
            f"{', '.join(unusable)} cannot be used here.",
            f"Usable are: {', '.join(usable)}.",
            "Choose among these.",
        )
    return {name: one for name, one in usable.items() if not wanted or name in wanted}


def _working_copy(model: Path, context: JobContext) -> Path:
    from core.model.identity import stamp

    original = context.folder / "original.onnx"
    if not original.exists():
        unfinished = context.folder / "original.partial.onnx"
        with storage_errors(unfinished):
            stamp(model, unfinished)
            unfinished.replace(original)
    return original


def _prepare(setting: Setting, data: Path) -> None:
    setting.context.step(PREPARE)
    exact = setting.reference.plan.runtime
    assert exact is not None
    images = prepare_images(
        setting.original,
        setting.graph,
        setting.runtimes[exact.runtime],
        data,
        contract=setting.request.contract,
        folder=setting.context.scratch,
        progress=setting.context.progress,
    )
    setting.images = images
    setting.context.note(images.preparation)
    for warning in images.warnings:
        setting.context.note(warning, "warning")
