"""What is wrong with a data set's labels, collected, so that a person reads all of it at once."""

from core.errors import InputError

NAMED = 12
"""Faults that are told in full; the others are counted."""


class Faults:
    """Collects faults with their places; memory stays small however many there are."""

    def __init__(self, file: str) -> None:
        self._file = file
        self._named: list[str] = []
        self.count = 0

    def add(self, place: str, what: str) -> None:
        """`place`: “line 7” or “annotation 12”; `what` completes “it …” as a plain sentence."""
        self.count += 1
        if len(self._named) < NAMED:
            self._named.append(f"{place}: {what}")

    def check(self, remedy: str) -> None:
        """Raises InputError when there is any."""
        if not self.count:
            return
        more = self.count - len(self._named)
        listed = "; ".join(self._named)
        raise InputError(
            f"The labels in “{self._file}” cannot be used.",
            f"{listed}; and {more:,} more." if more > 0 else f"{listed}.",
            remedy,
        )
