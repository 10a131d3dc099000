import os
import pickle
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from concurrent.futures import BrokenExecutor, Executor, Future, ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from export_hosts import InlineExecutor

from closient_export.adapters.processes import process_executor
from closient_export.errors import ArtifactError, EventSourceError, RenderError
from closient_export.execution import (
    Attempts,
    PoisonedTaskError,
    WorkerError,
    is_final,
    run_tasks,
)
from closient_export.registry import RendererRegistry


def double(number: int) -> int:
    return 2 * number


class FarError(Exception):
    """Can be pickled, but not read again."""

    def __init__(self, one: str, two: str) -> None:
        super().__init__(one + two)


def raise_far(_task: int) -> int:
    raise FarError("a", "b")


def leave(_task: int) -> int:
    raise SystemExit(3)


def die_on_three(task: int) -> int:
    if task == 3:
        os.kill(os.getpid(), signal.SIGKILL)
    time.sleep(0.01)
    return task


def die_once(task: tuple[int, str]) -> int:
    number, folder = task
    flag = Path(folder) / "died"
    if number == 3 and not flag.exists():
        flag.touch()
        os.kill(os.getpid(), signal.SIGKILL)
    return number


def run(
    numbers: int, work: Callable[[int], int], make_executor: Callable[[], Executor], **options: int
) -> list[int]:
    done: list[int] = []
    window = options.pop("window", 3)
    assert run_tasks(
        range(numbers),
        work,
        make_executor,
        window=window,
        on_result=done.append,
        attempts=Attempts(**options),
    )
    return sorted(done)


@pytest.mark.parametrize("make_executor", [InlineExecutor, ThreadPoolExecutor, process_executor(2)])
def test_all_is_done_on_any_executor(make_executor: Callable[[], Executor]) -> None:
    assert run(20, double, make_executor) == list(range(0, 40, 2))


@pytest.mark.parametrize("work", [raise_far, leave])
@pytest.mark.parametrize("make_executor", [ThreadPoolExecutor, process_executor(1)])
def test_an_error_that_cannot_travel_comes_in_words(
    work: Callable[[int], int], make_executor: Callable[[], Executor]
) -> None:
    with pytest.raises(PoisonedTaskError) as caught:
        run(1, work, make_executor, failures=1)
    assert isinstance(caught.value.cause, WorkerError)
    assert str(caught.value.cause) in ("FarError: ab", "SystemExit: 3")


def test_a_killed_worker_is_replaced(tmp_path: Path) -> None:
    done: list[int] = []
    run_tasks(
        [(number, str(tmp_path)) for number in range(8)],
        die_once,
        process_executor(2),
        window=4,
        on_result=done.append,
    )
    assert sorted(done) == list(range(8))


def test_the_task_that_kills_its_workers_is_found() -> None:
    with pytest.raises(PoisonedTaskError) as caught:
        run(8, die_on_three, process_executor(2), breakdowns=2, window=4)
    assert caught.value.task == 3
    assert isinstance(caught.value.cause, BrokenExecutor)


class BreaksAtOnce(Executor):
    def submit(self, *_args: Any, **_kwargs: Any) -> "Future[Any]":
        raise BrokenExecutor


def test_an_executor_that_never_works_is_given_up() -> None:
    with pytest.raises(PoisonedTaskError):
        run(8, double, BreaksAtOnce)


class BreaksAfterward(InlineExecutor):
    """Does what it is given, all but the last of three, of which it breaks."""

    def __init__(self) -> None:
        self.count = 0

    def submit(self, *args: Any, **_kwargs: Any) -> "Future[Any]":
        self.count += 1
        if self.count < 3:
            return super().submit(*args)
        future: Future[int] = Future()
        future.set_exception(BrokenExecutor())
        return future


def test_what_is_done_is_not_done_again_when_the_workers_break_down() -> None:
    asked: list[int] = []

    def work(number: int) -> int:
        asked.append(number)
        return number

    executors = [BreaksAfterward(), InlineExecutor()]
    assert run(6, work, lambda: executors.pop(0)) == list(range(6))
    assert sorted(asked) == list(range(6))


def test_stop_is_asked_while_a_task_takes_long() -> None:
    release, ended = threading.Event(), threading.Event()
    asked = 0

    def work(_task: int) -> None:
        release.wait(60)
        ended.set()

    def stop() -> bool:
        nonlocal asked
        asked += 1
        return asked > 3

    done = run_tasks(
        [1],
        work,
        lambda: ThreadPoolExecutor(1),
        window=1,
        on_result=lambda _: None,
        stop=stop,
        beat=0.02,
    )
    assert not done
    assert not ended.is_set()
    release.set()


TOLD_ELSEWHERE = """
import signal, threading, time
from concurrent.futures import Executor, Future
from closient_export.execution.driver import results_of_tasks

class Busy(Executor):
    def submit(self, *_):
        tell.start()
        return Future()

def interrupt():
    time.sleep(0.5)  # until the main thread waits
    signal.pthread_kill(threading.get_ident(), signal.SIGINT)

tell = threading.Thread(target=interrupt)
try:
    next(results_of_tasks([1], print, Busy, window=1))
except KeyboardInterrupt:
    print("interrupted")
"""


def test_an_interrupt_is_heeded_whichever_thread_is_told() -> None:
    """A system may tell any, and Python heeds it in the main thread alone, once that wakes."""
    done = subprocess.run(
        [sys.executable, "-c", TOLD_ELSEWHERE],
        capture_output=True, text=True, check=False, timeout=120,
    )  # fmt: skip
    assert (done.stdout, done.stderr) == ("interrupted\n", "")


def test_which_errors_are_final() -> None:
    assert is_final(RenderError("no"))
    assert is_final(ArtifactError("no"))
    assert not is_final(ArtifactError("full", retryable=True))
    assert not is_final(EventSourceError("away", retryable=True))
    assert not is_final(OSError())


def test_what_goes_to_a_worker_is_small_and_can_be_pickled() -> None:
    registry = RendererRegistry()
    for claim in registry.registrations():
        renderer = registry.renderer(claim.key)
        assert len(pickle.dumps((renderer, renderer.config()))) < 2_000
        copy = pickle.loads(pickle.dumps(registry))  # noqa: S301
        assert copy.renderer(claim.key).config is renderer.config
