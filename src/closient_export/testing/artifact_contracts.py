"""What every `closient_export.ports.ArtifactStore` must do, as tests for its author.

Needs pytest and Hypothesis.
"""
# ruff: noqa: D102, S101 - these are tests

import multiprocessing
import pickle
import threading
import tracemalloc
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from contextlib import suppress
from typing import ClassVar
from uuid import uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.stateful import run_state_machine_as_test

from closient_export.adapters.memory_stores import MemoryArtifactStore
from closient_export.errors import ArtifactNotFoundError
from closient_export.ports import ArtifactStore
from closient_export.testing.artifact_histories import ArtifactHistories
from closient_export.testing.contract_tools import examples, histories

__all__ = ["ArtifactStoreContract", "artifact_keys", "read", "write"]

MIB = 1 << 20
REFUSED = (
    "", "/", "/etc/passwd", "..", "../x", "a/../b", "a/..", "./a", "a//b", "a/", "a\\b", "a\0b",
    "a\n", "C:x", "a b", "~", "\u0430", "x" * 300, "/".join("x" * 600), "%2e%2e/x"
)  # fmt: skip
CROWDED = ("a", "a/a", "a/b", "a-/b", "a.b", "a/b/c", "A", "0", "a/b-", "a/b.c/d", "-", "_", ".a")
"""Keys that are near each other, so that examples meet again."""

_NAMES = st.text("abzAZ019._-", min_size=1, max_size=8).filter(lambda name: name not in {".", ".."})


def artifact_keys() -> st.SearchStrategy[str]:
    """Keys that every store takes."""
    spelled = st.lists(_NAMES, min_size=1, max_size=4).map("/".join)
    return st.sampled_from(CROWDED) | spelled


def write(store: ArtifactStore, key: str, data: bytes) -> None:
    """Keep some bytes."""
    with store.create(key) as file:
        file.write(data)


def read(store: ArtifactStore, key: str) -> bytes | None:
    """All of a file, or ``None``."""
    try:
        with store.open(key) as file:
            return file.read()
    except ArtifactNotFoundError:
        return None


class ArtifactStoreContract:
    """Subclass it as ``Test…`` and override the fixture `store`; all tests run on one bare store.

    Tests use keys of their own, so that the fixture may give the same store again.
    """

    streams: ClassVar[bool] = True
    """Whether files larger than memory can be written and read."""
    shared: ClassVar[bool] = True
    """Whether a pickled store is the same store, in this process and in others."""
    checks_keys: ClassVar[bool] = True
    """Whether keys that are none are a ``ValueError``."""
    memory: ClassVar[int] = 40 * MIB
    """What a stream may take, of any length."""

    @pytest.fixture
    def store(self) -> ArtifactStore:
        """The store under test."""
        raise NotImplementedError

    @pytest.fixture
    def at(self) -> str:
        """A folder that no other test uses."""
        return f"contract/{uuid4().hex}"

    @pytest.mark.parametrize("data", [b"", b"x", b"\0\r\n\xff" * 100_000])
    def test_what_was_written_is_read(self, store: ArtifactStore, at: str, data: bytes) -> None:
        write(store, f"{at}/file.zip", data)
        assert read(store, f"{at}/file.zip") == data

    def test_reading_is_a_stream(self, store: ArtifactStore, at: str) -> None:
        with store.create(f"{at}/file") as file:
            for piece in (b"one ", b"", b"two ", b"three"):
                assert file.write(piece) == len(piece)
            file.flush()
        with store.open(f"{at}/file") as file:
            pieces = [file.read(4), file.read(0), file.read(), file.read(1)]
        assert pieces == [b"one ", b"", b"two three", b""]

    def test_nothing_is_visible_before_the_end(self, store: ArtifactStore, at: str) -> None:
        with store.create(f"{at}/file") as file:
            file.write(b"all of it")
            file.flush()
            early = "a file must not be visible before it is whole"
            assert list(store.keys(at)) == [], early
            assert read(store, f"{at}/file") is None, early
        assert list(store.keys(at)) == [f"{at}/file"], "a file must be visible once it is whole"

    @pytest.mark.parametrize("error", [ZeroDivisionError, KeyboardInterrupt, GeneratorExit])
    @pytest.mark.parametrize("size", [0, 10, 9 * MIB])
    def test_a_block_that_fails_leaves_nothing(
        self, store: ArtifactStore, at: str, error: type[BaseException], size: int
    ) -> None:
        with pytest.raises(error):
            _write_and_fail(store, f"{at}/file", bytes(size), error)
        left = "a block that fails must leave no file"
        assert list(store.keys(at)) == [], left
        assert read(store, f"{at}/file") is None, left
        write(store, f"{at}/file", b"second try")
        assert read(store, f"{at}/file") == b"second try"

    @pytest.mark.parametrize("size", [10, 9 * MIB])
    def test_a_key_is_written_once(self, store: ArtifactStore, at: str, size: int) -> None:
        write(store, f"{at}/file", b"first")
        write(store, f"{at}/file", bytes(size))
        assert read(store, f"{at}/file") == b"first", (
            "a key must be written once: writing it again changes nothing"
        )

    def test_of_two_at_once_the_first_to_end_counts(self, store: ArtifactStore, at: str) -> None:
        with store.create(f"{at}/file") as outer:
            outer.write(b"began first")
            with store.create(f"{at}/file") as inner:
                inner.write(b"ended first")
        assert read(store, f"{at}/file") == b"ended first"

    def test_a_file_that_is_being_read_stays(self, store: ArtifactStore, at: str) -> None:
        write(store, f"{at}/file", b"x" * 1000)
        with store.open(f"{at}/file") as file:
            assert file.read(1) == b"x"
            write(store, f"{at}/file", b"y" * 1000)
            assert file.read() == b"x" * 999

    def test_what_is_not_there(self, store: ArtifactStore, at: str) -> None:
        write(store, f"{at}/file", b"x")
        for key in (f"{at}/fil", f"{at}/file/x", at, f"{at}/other"):
            with pytest.raises(ArtifactNotFoundError), store.open(key):
                pass

    def test_deleting_twice(self, store: ArtifactStore, at: str) -> None:
        write(store, f"{at}/x/y/file", b"x")
        write(store, f"{at}/x/other", b"other")
        for _ in range(2):
            store.delete(f"{at}/x/y/file")
        assert list(store.keys(at)) == [f"{at}/x/other"]
        assert read(store, f"{at}/x/y/file") is None
        write(store, f"{at}/x/y/file", b"again")
        assert read(store, f"{at}/x/y/file") == b"again"
        assert read(store, f"{at}/x/other") == b"other"

    def test_prefixes_end_anywhere(self, store: ArtifactStore, at: str) -> None:
        names = [f"{at}/{name}" for name in ("a", "a-/x", "a.b", "a/0", "a/00", "a/b/c", "b")]
        for name in reversed(names):
            write(store, name, name.encode())
        for prefix in ("", "/", "/a", "/a/", "/a/0", "/a/b/", "/a-", "/A", "/c", "/a/b/c/", "/../"):
            found = [name for name in names if name.startswith(at + prefix)]
            assert list(store.keys(at + prefix)) == sorted(found)

    def test_keys_that_are_none_are_refused(self, store: ArtifactStore) -> None:
        if not self.checks_keys:
            pytest.skip("this store takes any key")
        for key in REFUSED:
            for use in (store.create, store.open):
                with pytest.raises(ValueError, match="key"), use(key):
                    pass
            with pytest.raises(ValueError, match="key"):
                store.delete(key)

    def test_large_files_take_little_memory(self, store: ArtifactStore, at: str) -> None:
        if not self.streams:
            pytest.skip("this store keeps files in memory")
        piece = bytes(range(256)) * (MIB // 256)
        tracemalloc.start()
        try:
            with store.create(f"{at}/large") as file:
                for _ in range(64):
                    file.write(piece)
            with store.open(f"{at}/large") as file:
                for _ in range(64):
                    assert file.read(MIB) == piece
                assert file.read(1) == b""
            assert tracemalloc.get_traced_memory()[1] < self.memory
        finally:
            tracemalloc.stop()

    def test_a_pickled_store_is_the_same(self, store: ArtifactStore, at: str) -> None:
        if not self.shared:
            pytest.skip("this store is one process's own")
        write(store, f"{at}/here", b"here")
        twin = pickle.loads(pickle.dumps(store))  # noqa: S301 - ours
        assert read(twin, f"{at}/here") == b"here"
        write(twin, f"{at}/there", b"there")
        assert read(store, f"{at}/there") == b"there"

    def test_threads_that_write_one_key(self, store: ArtifactStore, at: str) -> None:
        together = threading.Barrier(6)

        def race(number: int) -> None:
            together.wait()
            write(store, f"{at}/file", _whole(number))

        with ThreadPoolExecutor(6) as pool:
            list(pool.map(race, range(6)))
        _check_whole(store, f"{at}/file")
        assert list(store.keys(at)) == [f"{at}/file"]

    def test_processes_that_write_one_key(self, store: ArtifactStore, at: str) -> None:
        if not self.shared:
            pytest.skip("this store is one process's own")
        context = multiprocessing.get_context("spawn")
        with ProcessPoolExecutor(3, mp_context=context) as pool:
            races = [
                pool.submit(_race, store, f"{at}/{n % 4}/file", n, f"{at}/{n % 4}/gone")
                for n in range(24)
            ]
            for race in races:
                race.result()
        for number in range(4):
            _check_whole(store, f"{at}/{number}/file")
        assert set(store.keys(at)) == {f"{at}/{number}/file" for number in range(4)}

    @examples(20)
    @given(
        steps=st.lists(
            st.tuples(
                st.sampled_from(["create", "create", "create", "fail", "delete", "keys"]),
                artifact_keys(),
                st.binary(max_size=40),
            ),
            max_size=12,
        )
    )
    def test_it_behaves_like_the_store_in_memory(
        self, store: ArtifactStore, steps: list[tuple[str, str, bytes]]
    ) -> None:
        at = f"contract/{uuid4().hex}/"
        model = MemoryArtifactStore()
        for step, name, data in steps:
            key = at + name
            outcomes = [_outcome(each, step, key, data) for each in (model, store)]
            assert outcomes[0] == outcomes[1], (
                "the store must behave like the one in memory: "
                f"{step} {name} gave {outcomes[1]!r} instead of {outcomes[0]!r}"
            )
        assert list(store.keys(at)) == list(model.keys(at))
        for key in list(model.keys(at)):
            assert read(store, key) == read(model, key)
            store.delete(key)
        assert list(store.keys(at)) == []

    def test_any_history_is_that_of_the_store_in_memory(self, store: ArtifactStore) -> None:
        class Histories(ArtifactHistories):
            def __init__(self) -> None:
                super().__init__(store)

        run_state_machine_as_test(Histories, settings=histories(30))


def _write_and_fail(
    store: ArtifactStore, key: str, data: bytes, error: type[BaseException]
) -> None:
    with store.create(key) as file:
        file.write(data)
        raise error


def _outcome(store: ArtifactStore, step: str, key: str, data: bytes) -> object:
    """What a step does, as far as it can be seen."""
    if step == "create":
        write(store, key, data)
    elif step == "fail":
        with suppress(ZeroDivisionError):
            _write_and_fail(store, key, data, ZeroDivisionError)
    elif step == "delete":
        store.delete(key)
    else:
        return list(store.keys(key))
    return read(store, key)


def _whole(number: int) -> bytes:
    """A file that says at its beginning and at its end who has written it."""
    return bytes([number]) * (MIB // 4)


def _check_whole(store: ArtifactStore, key: str) -> None:
    data = read(store, key)
    assert data
    assert data == _whole(data[0])


def _race(store: ArtifactStore, key: str, number: int, gone: str) -> None:
    """What one of several processes does; what it sees of the others is whole."""
    write(store, gone, b"")
    store.delete(gone)
    write(store, key, _whole(number))
    _check_whole(store, key)
