"""Parts made by other processes of this machine."""

import math
import os
import signal
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import BrokenExecutor, Executor, Future, ProcessPoolExecutor
from contextlib import contextmanager
from functools import partial
from multiprocessing import active_children, connection, get_context, parent_process
from typing import Any, TypeVar

__all__ = ["KeptProcesses", "process_executor", "processes_end"]

T = TypeVar("T")

_APART = 300.0
"""For how many seconds jobs have processes of their own after one was killed."""


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
        _Processes,
        workers,
        mp_context=get_context("spawn"),
        initializer=_start,
    )
    return partial(_started, make, workers or os.cpu_count() or 1) if at_once else make


@contextmanager
def processes_end() -> Iterator[None]:
    """See to it that no process which is started in the block outlives it.

    Without an error they end what they do; with one they are ended.
    """
    others = set(active_children())
    try:
        yield
    except BaseException:
        for process in set(active_children()) - others:
            process.terminate()
        raise
    finally:
        for process in set(active_children()) - others:
            process.join()


class _Processes(ProcessPoolExecutor):
    """Processes that leave Ctrl-C alone from their first moment, not only once they work."""

    def submit(self, fn: Callable[..., T], /, *args: Any, **kwargs: Any) -> "Future[T]":
        mask = signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGINT])  # they inherit it
        try:
            return super().submit(fn, *args, **kwargs)
        finally:
            signal.pthread_sigmask(signal.SIG_SETMASK, mask)


def _started(make: Callable[[], Executor], workers: int) -> Executor:
    executor = make()
    for _ in range(workers):
        executor.submit(_nothing)
    return executor


def _nothing() -> None:
    pass


def _start() -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, [signal.SIGINT])
    threading.Thread(target=_end_with_parent, daemon=True).start()


def _end_with_parent() -> None:
    """A pool does not tell its workers when its process is killed: they would wait for ever."""
    parent = parent_process()
    if parent is not None:
        connection.wait([parent.sentinel])
        os._exit(1)


class KeptProcesses:
    """What a workplace makes its executors with, where many jobs use the same processes.

    The processes start with the first job and are kept from one to the next. When one of them is
    killed, each job gets processes of its own for a while, so that a job which kills its workers
    harms no other one.

    Args:
        workers: How many; as many as there are processors if it is not given.
    """

    def __init__(self, workers: int | None = None) -> None:
        self._make = process_executor(workers)
        self._lock = threading.Lock()
        self._pool: Executor | None = None
        self._apart_until = -math.inf

    def __call__(self) -> Executor:
        """An executor for one job, which may shut it down."""
        with self._lock:
            if time.monotonic() < self._apart_until:
                return self._make()
            if self._pool is None:
                self._pool = self._make()
            try:
                self._pool.submit(_nothing)
            except BrokenExecutor:
                self._pool.shutdown(wait=False)
                self._pool = None
                self._apart_until = time.monotonic() + _APART
                return self._make()
            return _Shared(self._pool)

    def close(self) -> None:
        """End the processes, once what they do is done."""
        with self._lock:
            if self._pool is not None:
                self._pool.shutdown(cancel_futures=True)
                self._pool = None


class _Shared(Executor):
    """One job's use of processes that others use too."""

    def __init__(self, pool: Executor) -> None:
        self._pool = pool

    def submit(self, fn: Callable[..., T], /, *args: Any, **kwargs: Any) -> "Future[T]":
        return self._pool.submit(fn, *args, **kwargs)

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:
        """Nothing ends: the processes are another one's."""
