"""What changed between two models, image by image."""

from functools import cache

import core.benchmark.changes.kinds
from core.benchmark.changes.base import Asked
from core.benchmark.changes.kinds.base import AnswerKind
from core.discovery import Catalogue, discover


@cache
def answer_kinds() -> Catalogue[AnswerKind]:
    """Every kind of answers, by name."""
    return discover(core.benchmark.changes.kinds, AnswerKind, "kind of answers")


def kind_for(asked: Asked) -> AnswerKind:
    """How these answers are compared; what nothing else fits is compared as numbers."""
    by_rank = sorted(answer_kinds(), key=lambda kind: (kind.rank, kind.name))
    return next(kind for kind in by_rank if kind.fits(asked))
