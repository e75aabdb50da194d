"""The edits that can be made: one file each."""

import sys
from functools import cache
from typing import TYPE_CHECKING, Annotated, Union

from pydantic import Field

from core.discovery import Catalogue, discover_types
from core.edit.kinds.base import Edit


@cache
def edit_kinds() -> Catalogue[type[Edit]]:
    """Every kind of edit, by name."""
    base: type[Edit] = Edit
    return discover_types(sys.modules[__name__], base, "kind of edit")


if TYPE_CHECKING:
    AnyEdit = Edit
else:
    AnyEdit = Annotated[Union[tuple(edit_kinds())], Field(discriminator="kind")]  # noqa: UP007
"""The type of a field that holds an edit of any kind; its field `kind` says which."""
