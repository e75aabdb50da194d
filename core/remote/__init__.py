"""Boards that are reached over SSH: who they are, the way there, what is checked and run on them."""
