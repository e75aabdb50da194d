"""The edits of the open model: made in a worker, undone and redone like everything else.

The file is never touched. What is shown is what the edits make of it.
"""

import json
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QUndoCommand
from typing_extensions import override

from core.jobs.events import Failed
from core.jobs.kinds.edit import EditRequest
from gui.jobs import Jobs, job_launch
from gui.opened import OpenModel, open_model
from gui.plan_editor import PlanEditor
from gui.scratch import scratch_folder

if TYPE_CHECKING:
    from core.edit.kinds.base import Edit

_KEPT = 3
"""Edited models that are kept, so that taking back and making again is instant."""


class ModelEdits(QObject):
    """Holds the list of edits. Every change is a command on the plan editor's history."""

    changed = Signal()
    """The list is another one, or one is being made."""
    shown = Signal(object)
    """An OpenModel: what the edits make of the file."""
    failed = Signal(object)
    """A Failed event: edits that were made before cannot be made again."""

    def __init__(self, jobs: Jobs, history: PlanEditor) -> None:
        super().__init__()
        self.made: tuple[Edit, ...] = ()
        self._jobs = jobs
        self._history = history
        self._original: OpenModel | None = None
        self._kept: dict[str, OpenModel] = {}
        self._attempt: object = None

    def begin(self, model: OpenModel) -> None:
        """Another model was opened."""
        self._original, self._kept, self.made = model, {}, ()
        self.give_up()
        self.changed.emit()

    def restore(self, data: "Sequence[Mapping[str, Any]]") -> None:
        """Make edits again that a project remembers."""
        from core.edit.edits_file import edits_from

        if data:
            self.put(edits_from(data))

    @property
    def original(self) -> OpenModel | None:
        """The model as it is in its file."""
        return self._original

    @property
    def is_busy(self) -> bool:
        return self._jobs.of_kind("edit") is not None

    @property
    def sentences(self) -> tuple[str, ...]:
        return tuple(edit.sentence for edit in self.made)

    @property
    def data(self) -> tuple[dict[str, Any], ...]:
        """The edits as plain data, for jobs and files."""
        return tuple(edit.model_dump(mode="json") for edit in self.made)

    def make(
        self, edit: "Edit", done: Callable[[], object], refused: Callable[[Failed], object]
    ) -> None:
        """Try one more edit in a worker; it joins the history when the model can take it."""
        before, after = self.made, (*self.made, edit)
        attempt = self._attempt = object()

        def take() -> None:
            if attempt is self._attempt:
                self._history.undo_stack.push(_Change(self, edit.sentence, before, after))
                done()

        def refuse(failed: Failed) -> None:
            if attempt is self._attempt:
                refused(failed)

        self._work_out(after, take, refuse)

    def give_up(self) -> None:
        """Forget about the edit that is being made."""
        self._attempt = None
        self._stop()

    def put(self, edits: "tuple[Edit, ...]") -> None:
        """For commands and projects only: everything else goes through the history."""
        self.made = edits
        self.give_up()
        self.changed.emit()
        known = self._known(edits)
        if known is not None:
            self.shown.emit(known)
        else:
            self._work_out(edits, lambda: self._show(edits), self.failed.emit)

    def _show(self, edits: "tuple[Edit, ...]") -> None:
        known = self._known(edits)
        if edits == self.made and known is not None:
            self.shown.emit(known)

    def _known(self, edits: "Sequence[Edit]") -> OpenModel | None:
        return self._kept.get(_key(edits)) if edits else self._original

    def _work_out(
        self,
        edits: "tuple[Edit, ...]",
        done: Callable[[], object],
        refused: Callable[[Failed], object],
    ) -> None:
        """Let a worker draw the model with these edits."""
        original = self._original
        assert original is not None
        request = EditRequest(
            model=original.path, edits=tuple(edit.model_dump(mode="json") for edit in edits)
        )
        title = f"{original.title} (edited)"
        job = self._jobs.add(
            "edit",
            "Editing the model",
            job_launch("edit", request, scratch_folder("edit")),
            lambda outcome, folder: open_model(outcome, folder, original.path, title),
        )

        def keep(model: OpenModel) -> None:
            if original is self._original:
                self._keep(edits, model)
                done()

        job.finished.connect(keep)
        job.failed.connect(refused)
        job.ended.connect(self.changed)
        job.start()
        self.changed.emit()

    def _keep(self, edits: "Sequence[Edit]", model: OpenModel) -> None:
        self._kept[_key(edits)] = model
        while len(self._kept) > _KEPT:
            del self._kept[next(iter(self._kept))]

    def _stop(self) -> None:
        if (running := self._jobs.of_kind("edit")) is not None:
            running.cancel()


class _Change(QUndoCommand):
    def __init__(
        self,
        edits: ModelEdits,
        words: str,
        before: "tuple[Edit, ...]",
        after: "tuple[Edit, ...]",
    ) -> None:
        super().__init__(words)
        self._edits, self._before, self._after = edits, before, after

    @override
    def redo(self) -> None:
        self._edits.put(self._after)

    @override
    def undo(self) -> None:
        self._edits.put(self._before)


def _key(edits: "Sequence[Edit]") -> str:
    return json.dumps([edit.model_dump(mode="json") for edit in edits], sort_keys=True)
