"""Files that are either whole or not there."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from errno import EINVAL, ELOOP
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import BinaryIO

__all__ = ["write_atomically"]


@contextmanager
def write_atomically(path: Path) -> Iterator[BinaryIO]:
    """A file to write; it takes the place of `path` when the block ends without an error.

    Until then it stands beside it under a hidden name, and it is removed if the block fails.

    Raises:
        OSError: it cannot be written there.
    """
    try:
        path = path.resolve()
    except RuntimeError as error:
        raise OSError(ELOOP, "Too many levels of symbolic links", str(path)) from error
    if path.exists() and not path.is_file():
        raise OSError(EINVAL, "expected a regular file or none", str(path))
    try:
        file = NamedTemporaryFile(  # noqa: SIM115 - closed below, before it is renamed
            dir=path.parent, prefix=".export-", suffix=".partial", delete=False
        )
    except OSError as error:
        raise OSError(error.errno, error.strerror, str(path)) from error
    partial = Path(file.name)
    try:
        with file:
            yield file  # type: ignore[misc]  # it has all that BinaryIO asks for
            file.flush()
            os.fsync(file.fileno())
        partial.chmod(_mode(path))
        partial.replace(path)
    except BaseException:
        partial.unlink(missing_ok=True)
        raise


def _mode(path: Path) -> int:
    """The permissions of the file that is replaced, or what a new file gets here."""
    try:
        return path.stat().st_mode & 0o777
    except FileNotFoundError:
        mask = os.umask(0)
        os.umask(mask)
        return 0o666 & ~mask
