"""Interrupts that are not lost."""

import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

__all__ = ["heeding_interrupts"]

_IMPORTING = "<frozen importlib._bootstrap>"
_AGAIN_SECONDS = 0.001


@contextmanager
def heeding_interrupts() -> Iterator[None]:
    """Have SIGTERM and Ctrl-C end the block with KeyboardInterrupt.

    What is raised while a module is imported may be swallowed, by the import system itself or by an
    ``except`` of the module; what is raised in a finalizer always is. The work would go on as if
    nobody had asked it to stop. So the interrupt comes again until it is neither. Elsewhere a
    library may turn it into an error of its own.
    """
    asked = False

    def interrupt(_number: int, frame: FrameType | None) -> None:
        nonlocal asked
        asked = True
        while frame:
            if frame.f_code.co_filename == _IMPORTING:
                return interrupt_again()
            frame = frame.f_back
        raise KeyboardInterrupt

    def in_finalizer(unraisable: "sys.UnraisableHookArgs") -> None:
        if unraisable.exc_type is KeyboardInterrupt:
            interrupt_again()
        else:
            sys.__unraisablehook__(unraisable)

    def interrupt_again() -> None:
        signal.setitimer(signal.ITIMER_REAL, _AGAIN_SECONDS)

    numbers = [signal.SIGTERM, signal.SIGALRM]
    if signal.getsignal(signal.SIGINT) is signal.default_int_handler:  # else it is to be ignored
        numbers.append(signal.SIGINT)
    before = {number: signal.signal(number, interrupt) for number in numbers}
    sys.unraisablehook = in_finalizer
    try:
        yield
    except Exception as error:
        if asked:
            raise KeyboardInterrupt from error
        raise
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        sys.unraisablehook = sys.__unraisablehook__
        for number, handler in before.items():
            signal.signal(number, handler)
