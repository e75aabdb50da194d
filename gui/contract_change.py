"""Preparing images in another way, as a step that can be taken back."""

from PySide6.QtGui import QUndoCommand
from typing_extensions import override

from core.data.contract import PreprocessingContract
from gui.session import Session


class ContractChange(QUndoCommand):
    """Push it on the editor's undo stack, which does it."""

    def __init__(self, session: Session, after: PreprocessingContract) -> None:
        super().__init__("Prepare images in another way")
        self._session, self._before, self._after = session, session.contract, after

    @override
    def redo(self) -> None:
        self._session.set_contract(self._after)

    @override
    def undo(self) -> None:
        self._session.set_contract(self._before)
