"""What float16 can hold (IEEE 754, binary16)."""

LARGEST = 65504.0
"""The largest finite number."""
