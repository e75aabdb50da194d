"""Devices in the window: adding one, what is known of it, profiles, advice, and readiness."""
