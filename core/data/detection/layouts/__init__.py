"""The ways in which detectors lay out their outputs: one file each."""
