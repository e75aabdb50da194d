"""How long contenders are measured, by the effort that the goal says."""

from core.benchmark.comparison import Turns
from core.benchmark.protocol import PATIENCE
from gui.session import Effort

TURNS: dict[Effort, Turns] = {
    "thorough": Turns(blocks=20, patience=PATIENCE),
    "quick": Turns(blocks=6, patience=0.0),
}
