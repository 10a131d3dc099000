"""What the contracts of renderers and of trace writers have in common."""

import io
import sys
from collections.abc import Callable, Sequence
from typing import Any

from hypothesis import HealthCheck, settings

__all__ = ["HEAVY", "Pipe", "examples", "loaded_modules", "raised"]

HEAVY = (
    "PIL", "PyQt6", "barcode", "cairo", "cv2", "fitz", "lxml", "matplotlib", "numpy", "openpyxl",
    "pandas", "pylibdmtx", "pypdfium2", "reportlab", "scipy", "segno", "treepoem", "xlsxwriter",
    "zxingcpp",
)  # fmt: skip
"""Modules that take long to import."""


def examples(count: int) -> settings:
    """The settings of a property of a plugin: as many examples, in whatever time they take."""
    return settings(
        max_examples=count,
        deadline=None,
        suppress_health_check=[
            HealthCheck.function_scoped_fixture,
            HealthCheck.differing_executors,
            HealthCheck.too_slow,
            HealthCheck.data_too_large,
        ],
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
