"""Boards that are reached over SSH: who they are, the way there, what runs on them."""
