"""Runs tasks on any executor: a bounded number at a time, each again where it fails."""

import logging
import pickle
from collections import deque
from collections.abc import Callable, Generator, Iterable, Iterator
from concurrent.futures import (
    FIRST_COMPLETED,
    BrokenExecutor,
    CancelledError,
    Executor,
    Future,
    wait,
)
from contextlib import closing
from typing import Any, TypeVar

from attrs import define, field, frozen, validators

from closient_export.errors import ExportError

__all__ = [
    "Attempts",
    "PoisonedTaskError",
    "WorkerError",
    "is_final",
    "results_of_tasks",
    "run_tasks",
]

T = TypeVar("T")
R = TypeVar("R")

logger = logging.getLogger(__name__)

_HEEDING = 1.0
"""Seconds until an interrupt is heeded that the system hands to another thread than the waiting."""


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


class WorkerError(Exception):
    """What a worker raised, in words, where the error itself cannot be sent between processes."""


def is_final(error: BaseException) -> bool:
    """Whether trying again is of no use: the data are to blame, not a machine."""
    return isinstance(error, ExportError) and not getattr(error, "retryable", False)


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
    beat: float | None = None,
    attempts: Attempts | None = None,
) -> bool:
    """Do all tasks, in no particular order.

    Only ``submit`` of the executor is used, with positional arguments, and ``wait``. A pool that
    breaks, because a worker was killed, is made anew, and what was on its way is done again. A
    task that has seen almost too many breakdowns is then done alone, so that the one which breaks
    the workers is found.

    Args:
        tasks: Read as they are needed.
        work: Does one; it and the tasks can be pickled where workers are other processes.
        make_executor: Called once, and again after each breakdown.
        window: How many tasks are given to the executor at a time.
        on_result: Called in this thread for each result.
        stop: Asked before tasks are handed out, and at each beat; once it says so, what is on
            its way is let go.
        beat: After how many seconds without a result `stop` is asked all the same.
        attempts: How often a task is tried.

    Returns:
        Whether all was done, rather than stopped.

    Raises:
        PoisonedTaskError: a task fails each time.
        Exception: what `on_result` raises.
    """
    driver = _Driver(tasks, work, make_executor, window, attempts or Attempts())
    with closing(driver.results(stop, beat)) as results:
        for result in results:
            on_result(result)
    return driver.is_finished


def results_of_tasks(
    tasks: Iterable[T],
    work: Callable[[T], R],
    make_executor: Callable[[], Executor],
    *,
    window: int,
) -> Generator[R, None, None]:
    """As `run_tasks`, but for whoever takes the results one by one; others come meanwhile."""
    return _Driver(tasks, work, make_executor, window, Attempts()).results(beat=_HEEDING)


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
        self.is_finished = False

    def results(
        self, stop: Callable[[], bool] = lambda: False, beat: float | None = None
    ) -> Generator[Any, None, None]:
        try:
            while not stop():
                self._hand_out()
                if not self._under_way:
                    self.is_finished = True
                    return
                done, _ = wait(self._under_way, timeout=beat, return_when=FIRST_COMPLETED)
                for future in done:
                    attempt = self._under_way.pop(future, None)
                    if attempt is not None:
                        yield from self._results_of(future, attempt)
        finally:
            self._let_go()

    def _let_go(self) -> None:
        for future in self._under_way:
            future.cancel()
        self._executor.shutdown(wait=False)

    def _hand_out(self) -> None:
        while len(self._under_way) < self._window:
            if any(map(self._is_suspect, self._under_way.values())):
                return
            attempt = self._again.popleft() if self._again else next(self._tasks, None)
            if attempt is None:
                return
            if self._is_suspect(attempt) and self._under_way:
                self._again.appendleft(attempt)
                return
            try:
                future = self._executor.submit(_do, self._work, attempt.task)
            except BrokenExecutor as error:
                self._under_way[Future()] = attempt
                self._start_anew(error)
            else:
                self._under_way[future] = attempt

    def _is_suspect(self, attempt: _Try) -> bool:
        """Whether a task is done alone, since one more breakdown on its way is its last."""
        return attempt.breakdowns == self._attempts.breakdowns - 1 > 0

    def _results_of(self, future: "Future[Any]", attempt: _Try) -> Iterator[Any]:
        """The result of a task that has come to an end, if it is one."""
        try:
            result = future.result()
        except (BrokenExecutor, CancelledError) as error:
            self._under_way[future] = attempt
            self._start_anew(error)
        except Exception as error:
            attempt.failures += 1
            logger.warning("a task failed: %s", type(error).__name__)
            if attempt.failures >= self._attempts.failures or is_final(error):
                raise PoisonedTaskError(attempt.task, error) from error
            self._again.append(attempt)
        else:
            yield result

    def _start_anew(self, error: BaseException) -> None:
        """The workers are gone: what they have not done is done again by new ones."""
        logger.warning("the workers broke down and are started anew")
        self._let_go()
        for future in [future for future in self._under_way if not _is_done(future)]:
            attempt = self._under_way.pop(future)
            attempt.breakdowns += 1
            if attempt.breakdowns >= self._attempts.breakdowns:
                raise PoisonedTaskError(attempt.task, error) from error
            self._again.append(attempt)
        self._executor = self._make_executor()


def _is_done(future: "Future[Any]") -> bool:
    """Whether a task has come to an end of its own."""
    if not future.done() or future.cancelled():
        return False
    return not isinstance(future.exception(), BrokenExecutor | CancelledError)


def _do(work: Callable[[T], R], task: T) -> R:
    """Do a task in a worker; an error that could not be read at home is sent there in words.

    A pool of processes would break of one.
    """
    try:
        return work(task)
    except (Exception, SystemExit) as error:
        if isinstance(error, Exception) and _travels(error):
            raise
        message = f"{type(error).__name__}: {error}"
    raise WorkerError(message)


def _travels(error: Exception) -> bool:
    try:
        return type(pickle.loads(pickle.dumps(error))) is type(error)  # noqa: S301 - its own
    except Exception:
        return False
