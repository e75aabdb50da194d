"""What each action of the window does."""

from typing import TYPE_CHECKING

from gui.map.asking import find_best_plan

if TYPE_CHECKING:
    from gui.window import MainWindow


def connect_actions(window: "MainWindow") -> None:
    """Once, when its panels and dialogs are there."""
    actions, session = window.actions_, window.session
    dialogs, canvas = window.dialogs, window.graph_area.canvas
    actions.open_model.triggered.connect(window.choose_model)
    actions.open_project.triggered.connect(window.choose_project)
    actions.open_sample.triggered.connect(window.open_sample)
    actions.recent_wanted.connect(session.open)
    actions.images.triggered.connect(dialogs.show_images)
    actions.devices.triggered.connect(dialogs.show_devices)
    actions.target.triggered.connect(dialogs.show_target)
    actions.advisor.triggered.connect(dialogs.show_advisor)
    actions.goal.triggered.connect(dialogs.show_goal)
    actions.optimize.triggered.connect(session.optimize)
    actions.race.triggered.connect(session.race)
    actions.map_layers.triggered.connect(window.map_layers)
    actions.best_plan.triggered.connect(lambda: find_best_plan(session))
    actions.cancel.triggered.connect(session.jobs.cancel_all)
    actions.compare.triggered.connect(dialogs.show_compare)
    actions.history.triggered.connect(dialogs.show_history)
    actions.diff.triggered.connect(dialogs.show_diff)
    actions.benchmark.triggered.connect(dialogs.show_benchmark)
    actions.profile.triggered.connect(dialogs.show_profile)
    actions.sweep.triggered.connect(dialogs.show_sweep)
    actions.doctors.triggered.connect(dialogs.show_doctors)
    actions.preflight.triggered.connect(dialogs.show_preflight)
    actions.export.triggered.connect(dialogs.show_export)
    actions.convert.triggered.connect(dialogs.show_convert)
    actions.save_model.triggered.connect(window.edit_desk.show_save)
    actions.edits_wanted.connect(window.edit_desk.fill)
    actions.search.triggered.connect(canvas.find)
    actions.figures.triggered.connect(window.graph_area.choose_figures)
    actions.picture.triggered.connect(window.graph_area.save_picture)
    actions.keys.triggered.connect(canvas.show_keys)
    actions.deselect.triggered.connect(lambda: session.editor.select(None))
    actions.layers.triggered.connect(window.toggle_layers)
    actions.model_facts.triggered.connect(dialogs.show_model_facts)
    actions.log.triggered.connect(window.toggle_log)
    actions.reset.triggered.connect(window.reset_layout)
    actions.menu_key.triggered.connect(window.steps.brand.showMenu)
    actions.quit.triggered.connect(window.close)
