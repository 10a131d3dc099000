"""Histories of files, which a `closient_export.ports.ArtifactStore` and the one in memory tell alike.

Needs Hypothesis.
"""
# ruff: noqa: D102, S101 - these are tests

from collections.abc import Callable
from contextlib import ExitStack, suppress
from typing import Any, BinaryIO
from uuid import uuid4

from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, consumes, invariant, rule

from closient_export.adapters.memory_stores import MemoryArtifactStore
from closient_export.errors import ArtifactError
from closient_export.ports import ArtifactStore

__all__ = ["ArtifactHistories"]

NAMES = ("a", "a/b", "a.b", "b")


class ArtifactHistories(RuleBasedStateMachine):
    """The same calls on a store and on the one in memory: the same answers.

    Several files are written at a time, also of one key, and end well or not, in any order.
    """

    writers = Bundle("writers")

    def __init__(self, store: ArtifactStore) -> None:
        super().__init__()
        self._stores = (store, MemoryArtifactStore())
        self._at = f"histories/{uuid4().hex}/"
        self._begun: list[ExitStack] = []

    def _same(self, call: Callable[[ArtifactStore], Any]) -> None:
        answers = []
        for store in self._stores:
            try:
                answers.append(call(store))
            except ArtifactError as error:
                answers.append(type(error))
        assert answers[0] == answers[1], (
            "the store must answer as the one in memory does: "
            f"expected {answers[1]!r}, got {answers[0]!r}"
        )

    def _keys(self, store: ArtifactStore, prefix: str) -> list[str]:
        return [key.removeprefix(self._at) for key in store.keys(self._at + prefix)]

    @rule(target=writers, name=st.sampled_from(NAMES))
    def begin(self, name: str) -> list[tuple[ExitStack, BinaryIO]]:
        begun = []
        for store in self._stores:
            block = ExitStack()
            self._begun.append(block)
            begun.append((block, block.enter_context(store.create(self._at + name))))
        return begun

    @rule(writer=writers, data=st.binary(max_size=40), times=st.sampled_from([1, 1, 3000]))
    def write(self, writer: list[tuple[ExitStack, BinaryIO]], data: bytes, times: int) -> None:
        for _, file in writer:
            assert file.write(data * times) == len(data) * times

    @rule(writer=consumes(writers))
    def end(self, writer: list[tuple[ExitStack, BinaryIO]]) -> None:
        for block, _ in writer:
            block.close()

    @rule(writer=consumes(writers))
    def fail(self, writer: list[tuple[ExitStack, BinaryIO]]) -> None:
        for block, _ in writer:
            _fail(block)

    @rule(name=st.sampled_from(NAMES))
    def read(self, name: str) -> None:
        def whole(store: ArtifactStore) -> bytes:
            with store.open(self._at + name) as file:
                return file.read()

        self._same(whole)

    @rule(name=st.sampled_from(NAMES))
    def delete(self, name: str) -> None:
        self._same(lambda store: store.delete(self._at + name))

    @rule(prefix=st.sampled_from(["a", "a/", "c"]))
    def look(self, prefix: str) -> None:
        self._same(lambda store: self._keys(store, prefix))

    @invariant()
    def the_same_files_are_visible(self) -> None:
        self._same(lambda store: self._keys(store, ""))

    def teardown(self) -> None:
        for block in self._begun:
            _fail(block)
        for key in list(self._stores[0].keys(self._at)):
            self._stores[0].delete(key)


def _fail(block: ExitStack) -> None:
    """Leave a block with an error."""
    error = ZeroDivisionError()
    with suppress(ZeroDivisionError):
        block.__exit__(type(error), error, None)
