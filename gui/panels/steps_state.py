"""Keeps the steps bar and the actions saying what the session is at."""

from PySide6.QtCore import QObject

from core.search.choice import further_limits
from gui.actions import Actions
from gui.later import later
from gui.panels.steps_bar import StepsBar
from gui.session import Session
from gui.wording import points_words

_RACE_TIP = "Try every simple choice, measure each, and keep the best"
_PLAN_TIP = "Measure your edited choices beside the original and the plan they grew from"
_BEST_TIP = "Solve for the best mix of layers within the goal’s limits"


class StepsState(QObject):
    """Obeys the session."""

    def __init__(self, bar: StepsBar, actions: Actions, session: Session) -> None:
        super().__init__(bar)
        self._bar, self._actions, self._session = bar, actions, session
        show = later(self, self._show)
        for signal in (
            session.model_changed,
            session.device_changed,
            session.images_changed,
            session.goal_changed,
            session.optimization.changed,
            session.troubles.changed,
            session.editor.changed,
            session.results.changed,
            session.mapping.changed,
        ):
            signal.connect(show)
        self._show()

    def _show(self) -> None:
        self._show_model()
        self._show_device()
        self._bar.steps["Images"].show_state(
            self._images_words(),
            settled=self._session.images is not None,
            trouble=self._session.troubles.at("images") is not None,
        )
        settled = self._session.model is not None
        self._bar.steps["Goal"].show_state(self._goal_words(), settled=settled)
        self._show_actions()

    def _show_model(self) -> None:
        model, opening = self._session.model, self._session.opening
        words = f"{opening.name} …" if opening else model.title if model else ""
        self._bar.steps["Model"].show_state(
            words,
            settled=model is not None and opening is None,
            trouble=model is None and self._session.troubles.at("model") is not None,
        )

    def _show_device(self) -> None:
        device = self._session.device
        words = f"{device.name} · {device.boost.split(' (')[0]}" if device else ""
        self._bar.steps["Device"].show_state(
            words,
            settled=device is not None,
            trouble=self._session.troubles.at("device") is not None,
        )

    def _images_words(self) -> str:
        session = self._session
        if session.images is not None:
            return session.images.examination.sentence
        if session.images_path is None:
            return "none: speed only" if session.model else ""
        return "cannot be used" if session.troubles.at("images") else "being looked at…"

    def _goal_words(self) -> str:
        goal = self._session.goal
        aim = {"latency": "fastest", "size": "smallest", "memory": "least memory"}[goal.aim]
        if self._session.model and self._session.images_path is None:
            return f"{aim}, accuracy not checked"
        return f"{aim}, lose at most {points_words(goal.max_drop)}{further_limits(goal)}"

    def _show_actions(self) -> None:
        session, actions = self._session, self._actions
        own, obstacle = session.editor.is_edited, session.obstacle
        actions.optimize.setText("Measure my plan" if own else "Optimize")
        actions.optimize.setToolTip(obstacle or (_PLAN_TIP if own else _RACE_TIP))
        actions.optimize.setEnabled(not obstacle)
        actions.race.setEnabled(not obstacle)
        mapped = session.mapping.reading is not None
        actions.map_layers.setEnabled(session.model is not None)
        actions.best_plan.setEnabled(session.mapping.can_solve)
        actions.best_plan.setToolTip(_BEST_TIP if mapped else "Map the layers first")
        actions.compare.setEnabled(session.model is not None)
        actions.sweep.setEnabled(session.model is not None)
        runs = session.model is not None and session.model.inspection.runs
        actions.profile.setEnabled(runs)
        actions.benchmark.setEnabled(runs)
        actions.export.setEnabled(session.results.report is not None)
