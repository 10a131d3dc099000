"""What the contracts of plugins and of ports have in common."""

import io
import sys
from collections.abc import Callable, Sequence
from typing import Any

from hypothesis import HealthCheck, Phase, settings

__all__ = ["HEAVY", "Pipe", "examples", "histories", "loaded_modules", "raised"]

HEAVY = (
    "PIL", "PyQt6", "barcode", "cairo", "cv2", "fitz", "lxml", "matplotlib", "numpy", "openpyxl",
    "pandas", "pylibdmtx", "pypdfium2", "reportlab", "scipy", "segno", "treepoem", "xlsxwriter",
    "zxingcpp",
)  # fmt: skip
"""Modules that take long to import."""


# Hypothesis would look for minutes for the smallest example of a fault: each try draws labels or
# writes files. What it finds first is small enough to read.
_PHASES = (Phase.explicit, Phase.reuse, Phase.generate)


def examples(count: int) -> settings:
    """The settings of a property: as many examples, in whatever time they take.

    One contract has many subclasses, so that its tests have many executors.
    """
    return settings(
        max_examples=count,
        deadline=None,
        phases=_PHASES,
        report_multiple_bugs=False,
        suppress_health_check=[
            HealthCheck.function_scoped_fixture,
            HealthCheck.differing_executors,
            HealthCheck.too_slow,
            HealthCheck.data_too_large,
        ],
    )


def histories(steps: int) -> settings:
    """The settings of a few long histories."""
    return settings(
        examples(15), stateful_step_count=steps, suppress_health_check=list(HealthCheck)
    )


def raised(call: Callable[[], object], kind: type[Exception] = Exception) -> Exception | None:
    """The error of some kind that a call raises, if it does."""
    try:
        call()
    except kind as error:
        return error
    return None


def loaded_modules(plugin: object, names: Sequence[str]) -> list[str]:
    """Which of some modules are there, in a process that has done no more than load a plugin."""
    del plugin
    return sorted(set(names) & set(sys.modules))


class Pipe(io.RawIOBase):
    """An output that can only be written to; perhaps it gets full.

    Args:
        room: How many bytes it takes; any number if not given.
    """

    def __init__(self, room: int | None = None) -> None:
        super().__init__()
        self.chunks: list[bytes] = []
        self._left = room

    def writable(self) -> bool:
        """It is, and neither readable nor seekable."""
        return True

    def write(self, data: Any) -> int:
        """Take all of it.

        Raises:
            OSError: there is no room.
        """
        piece = bytes(data)
        if self._left is not None:
            if len(piece) > self._left:
                raise OSError(28, "no space left on device")
            self._left -= len(piece)
        self.chunks.append(piece)
        return len(piece)
