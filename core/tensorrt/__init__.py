"""TensorRT as Edgewright uses it: its own trtexec on a board, its parser beforehand, its words."""
