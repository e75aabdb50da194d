"""The window that shows what differs inside two models."""
