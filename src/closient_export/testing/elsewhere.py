"""Calls in another process, under other circumstances: what is deterministic returns the same."""
# ruff: noqa: S101 - these are checks of tests

import locale
import os
import pickle
import subprocess
import sys
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

__all__ = ["CIRCUMSTANCES", "called_elsewhere"]

CIRCUMSTANCES: tuple[Mapping[str, str], ...] = (
    {
        "PYTHONHASHSEED": "1",
        "TZ": "America/St_Johns",
        "LC_ALL": "C",
        "PYTHONUTF8": "0",
        "PYTHONCOERCECLOCALE": "0",
        "USER": "someone",
    },
    {
        "PYTHONHASHSEED": "4294967295",
        "TZ": "Pacific/Kiritimati",
        "LC_ALL": "de_DE.UTF-8",
        "PYTHONUTF8": "1",
        "USER": "else",
    },
)
"""Hash seeds, time zones, locales and encodings that no result may depend on."""


def called_elsewhere(
    call: Callable[..., Any], *arguments: Any, circumstances: Mapping[str, str], folder: Path
) -> Any:
    """What a function returns in a new process.

    Function, arguments and result are pickled, so the modules that they come from must be
    importable there; where it looks for modules is the same as here.

    Args:
        call: A function of a module.
        *arguments: Its arguments.
        circumstances: Environment variables that differ.
        folder: An empty one; the new process works in it and has its temporary files there.

    Raises:
        AssertionError: the call has failed, or it has left files in the folder.
    """
    paths = [str(Path(path).absolute()) for path in sys.path]
    done = subprocess.run(  # noqa: S603 - this very Python
        [sys.executable, "-c", _PROGRAM],
        input=pickle.dumps(paths) + pickle.dumps((call, arguments)),
        capture_output=True,
        cwd=folder,
        env={
            **os.environ,
            **circumstances,
            "TMPDIR": str(folder),
            "TEMP": str(folder),
            "TMP": str(folder),
        },
        check=False,
    )
    assert done.returncode == 0, (
        f"in another process it failed:\n{done.stderr.decode(errors='replace')}"
    )
    left = sorted(path.name for path in folder.iterdir())
    assert not left, f"no file may be left behind, found {left} of another process"
    return pickle.loads(done.stdout)  # noqa: S301 - of our own process


_PROGRAM = """
import pickle, sys
sys.path[:] = pickle.load(sys.stdin.buffer)
from closient_export.testing.elsewhere import answer
answer()
"""


def answer() -> None:
    """In the new process: do the call that standard input holds, and write what it returns."""
    with suppress(locale.Error):  # not every machine has every locale
        locale.setlocale(locale.LC_ALL, "")
    call, arguments = pickle.load(sys.stdin.buffer)  # noqa: S301 - of our own process
    out = sys.stdout.buffer
    sys.stdout = sys.stderr
    out.write(pickle.dumps(call(*arguments)))
    out.flush()
