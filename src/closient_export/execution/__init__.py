"""How exports are run: as a stream in this process, or part by part on any executor."""

from closient_export.execution.direct import PART_SIZE, run_label_export
from closient_export.execution.driver import (
    Attempts,
    PoisonedTaskError,
    WorkerError,
    is_final,
    run_tasks,
)
from closient_export.execution.parallel import run_label_export_in_parts
from closient_export.execution.parts import PartTask, read_parts, render_part

__all__ = [
    "PART_SIZE",
    "Attempts",
    "PartTask",
    "PoisonedTaskError",
    "WorkerError",
    "is_final",
    "read_parts",
    "render_part",
    "run_label_export",
    "run_label_export_in_parts",
    "run_tasks",
]
