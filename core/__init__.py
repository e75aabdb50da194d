"""The engine of Edgewright: everything that the window and the command line can do."""

from core.offline import silence_telemetry

silence_telemetry()
