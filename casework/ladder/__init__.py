"""The delivery ladder: by which way a notice reaches its person, and what comes next when a way is closed.

Pure rules over plain values; the rungs, windows, waits and lives of notices are data (`ladders.toml`).
"""

from casework.ladder.climbing import Condition, Step, StepKind, next_step
from casework.ladder.data import Ladders, ladders
from casework.ladder.values import Policy, Rung, TemplateForm, Way

__all__ = [
    "Condition",
    "Ladders",
    "Policy",
    "Rung",
    "Step",
    "StepKind",
    "TemplateForm",
    "Way",
    "ladders",
    "next_step",
]
