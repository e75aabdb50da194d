"""Which technique and precision suit a model on a device, why, and whether the goal can be met."""

from core.search.advisor.advice import Advice, Suggestion
from core.search.advisor.advisor import advise
from core.search.advisor.question import DeviceGoal, Network, Question
from core.search.advisor.rules import Rule, rules

__all__ = [
    "Advice",
    "DeviceGoal",
    "Network",
    "Question",
    "Rule",
    "Suggestion",
    "advise",
    "rules",
]
