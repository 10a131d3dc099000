"""Files that a call leaves open or lying about."""
# ruff: noqa: S101 - these are checks of tests

import gc
import os
import tempfile
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

__all__ = ["nothing_left"]


@contextmanager
def nothing_left(folder: Path) -> Iterator[None]:
    """A block in which the current folder and that of temporary files are an empty one.

    Args:
        folder: A folder for this; it is made, and must not be there yet.

    Raises:
        AssertionError: a file is there when the block ends well, or one is still open.
    """
    folder.mkdir(parents=True)
    gc.collect()  # what others have left open is not told of this block
    before, temporary, opened = Path.cwd(), tempfile.tempdir, _opened()
    with warnings.catch_warnings(record=True) as warned:
        warnings.simplefilter("ignore")
        warnings.simplefilter("always", ResourceWarning)
        os.chdir(folder)
        tempfile.tempdir = str(folder)
        try:
            yield
            gc.collect()
            left = sorted(str(path.relative_to(folder)) for path in folder.rglob("*"))
        finally:
            os.chdir(before)
            tempfile.tempdir = temporary
    assert not left, f"no file may be left behind, found {', '.join(left)}"
    unclosed = [str(warning.message) for warning in warned]
    assert not unclosed, f"no file may be left open, found {'; '.join(unclosed)}"
    more = sorted(set(_opened().items()) - set(opened.items()))
    assert not more, f"no file may be left open, found {', '.join(name for _, name in more)}"


def _opened() -> dict[int, str]:
    """The files that this process has open, by descriptor; none where the system does not say."""
    found = {}
    descriptors = Path("/proc/self/fd")
    if descriptors.is_dir():
        for entry in descriptors.iterdir():
            try:
                name = str(entry.readlink())
            except OSError:
                continue  # the one that lists them
            if name.startswith("/") and not name.startswith(("/dev/", "/proc/")):
                found[int(entry.name)] = name
    return found
