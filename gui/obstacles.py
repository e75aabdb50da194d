"""Why Optimize cannot be pressed, in a sentence that says what to do first."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from gui.session import Session


def obstacle_of(session: "Session") -> str:
    """Empty where nothing stands in the way."""
    if session.optimization.is_running:
        return "An optimization is running."
    if session.mapping.is_running:
        return "The layers are being mapped: two measurements at once would spoil each other."
    return _of_model(session) or _of_surroundings(session)


def _of_model(session: "Session") -> str:
    model = session.model
    if model is None:
        return "Open a model first."
    if not model.inspection.runs:
        label = model.inspection.format_label
        ways = {way.target for way in model.inspection.conversions}
        remedy = "Convert it first." if "onnx" in ways else "Open the ONNX model it was made from."
        return f"Optimizing needs ONNX, and this is {label}. {remedy}"
    if session.edits.made:
        return "Save the edited model and open it: what is measured is a file."
    return ""


def _of_surroundings(session: "Session") -> str:
    if session.device is None:
        return "Choose a device first."
    if session.device.kind == "jetson":
        return (
            f"“{session.device.name}” builds an engine of each model, which takes minutes: "
            "optimize on this computer, then measure what was found there with a benchmark."
        )
    if session.images_path is not None and session.images is None:
        waiting = session.troubles.at("images") is None
        return "The images are being looked at." if waiting else "The images cannot be used."
    return ""


def obstacle_to_mapping(session: "Session") -> str:
    """Why layers cannot be mapped; empty where nothing stands in the way."""
    device = session.device
    if device is not None and session.fleet.board(device.id) is not None:
        return f"Layers are timed on this computer only, not on “{device.name}”."
    return obstacle_of(session)
