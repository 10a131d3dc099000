"""What the contracts of renderers and of trace writers have in common."""

import sys
from collections.abc import Callable, Sequence

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


class Pipe:
    """An output that can only be written to; perhaps it gets full.

    Args:
        room: How many bytes it takes; any number if not given.
    """

    def __init__(self, room: int | None = None) -> None:
        self.chunks: list[bytes] = []
        self._room = room

    def write(self, data: bytes) -> int:
        """Take all of it.

        Raises:
            OSError: there is no room.
        """
        if self._room is not None and sum(map(len, self.chunks)) + len(data) > self._room:
            raise OSError(28, "no space left on device")
        self.chunks.append(bytes(data))
        return len(data)

    def flush(self) -> None:
        """Nothing waits."""

    def seekable(self) -> bool:
        """It is not."""
        return False

    def writable(self) -> bool:
        """It is."""
        return True
