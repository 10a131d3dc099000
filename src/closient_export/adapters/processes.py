"""Parts made by other processes of this machine."""

import os
import signal
import threading
from collections.abc import Callable
from concurrent.futures import Executor, ProcessPoolExecutor
from functools import partial
from multiprocessing import connection, get_context, parent_process

__all__ = ["process_executor"]


def process_executor(
    workers: int | None = None, *, at_once: bool = False
) -> Callable[[], Executor]:
    """What a workplace makes its executors with, for parts to be made by processes.

    They are spawned rather than forked, so that a host may have threads and open connections. The
    module that starts the program must be one that can be imported without starting it again (``if
    __name__ == "__main__":``). They leave an interrupt from the keyboard to the process that
    started them, and end when that one does, however it does.

    Args:
        workers: How many; as many as there are processors if it is not given.
        at_once: Whether all of them start when the executor is made, for whoever is sure to have
            work for all; else each starts when there is some for it.
    """
    make = partial(
        ProcessPoolExecutor,
        workers,
        mp_context=get_context("spawn"),
        initializer=_start,
    )
    return partial(_started, make, workers or os.cpu_count() or 1) if at_once else make


def _started(make: Callable[[], Executor], workers: int) -> Executor:
    executor = make()
    for _ in range(workers):
        executor.submit(_nothing)
    return executor


def _nothing() -> None:
    pass


def _start() -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_end_with_parent, daemon=True).start()


def _end_with_parent() -> None:
    """A pool does not tell its workers when its process is killed: they would wait for ever."""
    parent = parent_process()
    if parent is not None:
        connection.wait([parent.sentinel])
        os._exit(1)
