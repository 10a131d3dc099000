"""Runs tasks on any executor: a bounded number at a time, each again where it fails."""

import logging
from collections import deque
from collections.abc import Callable, Iterable
from concurrent.futures import (
    FIRST_COMPLETED,
    BrokenExecutor,
    CancelledError,
    Executor,
    Future,
    wait,
)
from typing import Any, TypeVar

from attrs import define, field, frozen, validators

from closient_export.errors import ExportError

__all__ = ["Attempts", "PoisonedTaskError", "run_tasks"]

T = TypeVar("T")
R = TypeVar("R")

logger = logging.getLogger(__name__)


@frozen(kw_only=True)
class Attempts:
    """How often a task is tried before it is given up."""

    failures: int = field(default=3, validator=validators.ge(1))
    """Times that it may fail by itself."""
    breakdowns: int = field(default=5, validator=validators.ge(1))
    """Times that it may be on its way when the workers break down: perhaps it broke them."""


class PoisonedTaskError(Exception):
    """A task fails however often it is tried."""

    def __init__(self, task: object, cause: BaseException) -> None:
        super().__init__(task, cause)
        self.task = task
        self.cause = cause


@define(eq=False)
class _Try:
    task: Any
    failures: int = 0
    breakdowns: int = 0


def run_tasks(
    tasks: Iterable[T],
    work: Callable[[T], R],
    make_executor: Callable[[], Executor],
    *,
    window: int,
    on_result: Callable[[R], object],
    stop: Callable[[], bool] = lambda: False,
    attempts: Attempts | None = None,
) -> bool:
    """Do all tasks, in no particular order.

    Only ``submit`` of the executor is used, with positional arguments, and ``wait``. A pool that
    breaks, because a worker was killed, is made anew, and what was on its way is done again.

    Args:
        tasks: Read as they are needed.
        work: Does one; it and the tasks can be pickled where workers are other processes.
        make_executor: Called once, and again after each breakdown.
        window: How many tasks are given to the executor at a time.
        on_result: Called in this thread for each result.
        stop: Asked before each task is handed out; once it says so, what is on its way is
            let go.
        attempts: How often a task is tried.

    Returns:
        Whether all was done, rather than stopped.

    Raises:
        PoisonedTaskError: a task fails each time.
        Exception: what `on_result` raises.
    """
    return _Driver(tasks, work, make_executor, window, attempts or Attempts()).run(on_result, stop)


class _Driver:
    def __init__(
        self,
        tasks: Iterable[Any],
        work: Callable[[Any], Any],
        make_executor: Callable[[], Executor],
        window: int,
        attempts: Attempts,
    ) -> None:
        self._tasks = map(_Try, tasks)
        self._again: deque[_Try] = deque()
        self._work = work
        self._make_executor = make_executor
        self._window = window
        self._attempts = attempts
        self._under_way: dict[Future[Any], _Try] = {}
        self._executor = make_executor()

    def run(self, on_result: Callable[[Any], object], stop: Callable[[], bool]) -> bool:
        try:
            while True:
                if stop():
                    return False
                self._hand_out()
                if not self._under_way:
                    return True
                done, _ = wait(self._under_way, return_when=FIRST_COMPLETED)
                for future in done:
                    attempt = self._under_way.pop(future, None)
                    if attempt is not None:
                        self._take(future, attempt, on_result)
        finally:
            self._executor.shutdown(wait=False, cancel_futures=True)

    def _hand_out(self) -> None:
        while len(self._under_way) < self._window:
            attempt = self._again.popleft() if self._again else next(self._tasks, None)
            if attempt is None:
                return
            try:
                future = self._executor.submit(self._work, attempt.task)
            except BrokenExecutor as error:
                self._again.append(attempt)
                self._start_anew(error)
            else:
                self._under_way[future] = attempt

    def _take(
        self, future: "Future[Any]", attempt: _Try, on_result: Callable[[Any], object]
    ) -> None:
        try:
            result = future.result()
        except (BrokenExecutor, CancelledError) as error:
            self._under_way[future] = attempt
            self._start_anew(error)
        except Exception as error:
            attempt.failures += 1
            logger.warning("a task failed: %s", type(error).__name__)
            if attempt.failures >= self._attempts.failures or _is_final(error):
                raise PoisonedTaskError(attempt.task, error) from error
            self._again.append(attempt)
        else:
            on_result(result)

    def _start_anew(self, error: BaseException) -> None:
        """The workers are gone: whatever was on its way is done again by new ones."""
        logger.warning("the workers broke down and are started anew")
        self._executor.shutdown(wait=False, cancel_futures=True)
        for attempt in self._under_way.values():
            attempt.breakdowns += 1
            if attempt.breakdowns >= self._attempts.breakdowns:
                raise PoisonedTaskError(attempt.task, error) from error
            self._again.append(attempt)
        self._under_way.clear()
        self._executor = self._make_executor()


def _is_final(error: Exception) -> bool:
    """Whether trying again is of no use: the data are to blame, not the machine."""
    return isinstance(error, ExportError) and not getattr(error, "retryable", False)
