"""Imports what the first paint needs besides Qt; to be imported before Qt is.

PySide6 reads the source of every module that is imported after it, to find out whether that uses
Qt: a tenth of the time until the window is painted.
"""

from importlib import import_module

_NEEDED = (
    "core.conversion.asking",
    "core.formats",
    "core.jobs.kinds.devices",
    "core.jobs.kinds.edit",
    "core.jobs.kinds.examine",
    "core.jobs.runner",
    "core.layout",
    "core.model.graph_file",
    "core.model.layer_facts",
    "core.model.layer_table",
    "core.plan.checks",
    "core.plan.size",
    "core.project.project",
    "core.sample",
    "core.search.request",
    "core.techniques",
)

for _name in _NEEDED:
    import_module(_name)
