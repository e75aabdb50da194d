"""What short jobs bring back to the window, read from their run folders off its thread."""

from dataclasses import dataclass
from pathlib import Path

from pydantic import BaseModel

from core.devices.base import DeviceFacts
from core.jobs.events import Event, Measured
from core.jobs.kinds.devices import DevicesReport
from core.jobs.kinds.examine import Examination
from core.jobs.kinds.inspect import Inspection
from core.layout import Layout, read_layout
from core.model.graph import ModelGraph
from core.model.graph_file import read_graph_file


@dataclass(frozen=True)
class OpenModel:
    """A model that has been read. `path` is where it was read from, `title` its name for people."""

    graph: ModelGraph
    layout: Layout
    inspection: Inspection
    path: Path
    title: str


@dataclass(frozen=True)
class OpenImages:
    """Images that have been looked at; `folder` holds the thumbnails."""

    path: Path
    examination: Examination
    folder: Path


def open_model(outcome: BaseModel, folder: Path, path: Path, title: str) -> OpenModel:
    assert isinstance(outcome, Inspection)
    graph = read_graph_file(folder / outcome.graph)
    return OpenModel(graph, read_layout(folder), outcome, path, title)


def open_images(outcome: BaseModel, folder: Path, path: Path) -> OpenImages:
    assert isinstance(outcome, Examination)
    return OpenImages(path, outcome, folder)


def found_devices(outcome: BaseModel, folder: Path) -> tuple[DeviceFacts, ...]:
    assert isinstance(outcome, DevicesReport)
    return outcome.devices


def found_device(event: Event) -> DeviceFacts | None:
    """The device that a job tells about; None for every other event."""
    if not isinstance(event, Measured) or not event.what.startswith("device "):
        return None
    return DeviceFacts.model_validate(event.result)
