"""Examples of Hypothesis that are the same in each process, whatever tests ran there before."""

from contextlib import AbstractContextManager, ExitStack
from unittest.mock import patch

from hypothesis.internal.conjecture import providers


def same_examples() -> AbstractContextManager[object]:
    """Have examples depend on their strategy and its seed alone, until the block is left.

    Otherwise Hypothesis, even where it is to draw the same each time, draws numbers and texts that
    stand in the modules which happen to be loaded. A version that does this in another way goes on
    doing it.
    """
    block = ExitStack()
    internals = vars(providers)
    if internals.keys() >= {"Constants", "_get_local_constants", "CONSTANTS_CACHE"}:
        nothing = internals["Constants"]()
        block.enter_context(patch.object(providers, "_get_local_constants", lambda: nothing))
        block.enter_context(patch.object(providers, "CONSTANTS_CACHE", {}))  # what may be drawn
    return block
