"""Nobody keeps another organisation from uploading, however slowly they send."""

import gc
import http.client
import json
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from concurrent.futures import TimeoutError as NotYet
from contextlib import ExitStack, closing
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import anyio
import pytest
from hosts import Server, serving
from hypothesis import given
from hypothesis import strategies as st

from closient_export.host import Host, HostSettings
from closient_export.host.upload_slots import UploadSlots

IMPORT = "/products/api/v1/catalog/import/"
HEADER = b"gtin,lot\n"


@given(st.integers(1, 6), st.lists(st.sampled_from("abc") | st.integers(0, 20), max_size=40))
def test_who_waits_finds_all_slots_taken_or_half_of_them_its_own(
    count: int, steps: list[str | int]
) -> None:
    """A step is one more upload of an owner, or the end of one that has a slot."""

    async def history() -> None:
        slots = UploadSlots(count)
        uploads: list[str] = []
        ends: dict[int, anyio.Event] = {}
        ended = set[int]()

        async def upload(number: int) -> None:
            async with slots.taken(uploads[number]):
                ends[number] = anyio.Event()
                await ends[number].wait()
                del ends[number]
                ended.add(number)

        async with anyio.create_task_group() as tasks:
            for step in [*steps, *[0] * len(steps)]:
                if isinstance(step, str):
                    uploads.append(step)
                    tasks.start_soon(upload, len(uploads) - 1)
                elif ends:
                    list(ends.values())[step % len(ends)].set()
                for _ in range(20):  # until everybody has done what can be done
                    await anyio.sleep(0)
                taken = Counter(uploads[number] for number in ends)
                waiting = Counter(uploads) - Counter(uploads[number] for number in ended) - taken
                half = (count + 1) // 2
                assert taken.total() <= count
                assert all(number <= half for number in taken.values())
                assert all(taken[each] == half for each in waiting) or taken.total() == count
        assert len(ended) == len(uploads)
        gc.collect()
        assert len(slots._of_owners) == 0

    gc.freeze()  # what others have left is not looked through each time
    try:
        anyio.run(history)
    finally:
        gc.unfreeze()


class Upload:
    """A catalogue of one lot, of which the last row is on its way for as long as one likes."""

    def __init__(self, server: Server, key: str, lot: str) -> None:
        self._row = f"9506000134352,{lot}\n".encode()
        self.connection = http.client.HTTPConnection(urlsplit(server.url).netloc, timeout=60)
        self.connection.putrequest("POST", IMPORT)
        self.connection.putheader("X-API-Key", key)
        self.connection.putheader("Content-Type", "text/csv")
        self.connection.putheader("Content-Length", str(len(HEADER + self._row)))
        self.connection.endheaders(HEADER)

    def finish(self) -> None:
        """Send the rest."""
        self.connection.send(self._row)

    def answer(self) -> tuple[int, Any]:
        """The status, and the number of lots that are new."""
        answer = self.connection.getresponse()
        return answer.status, json.loads(answer.read()).get("new")


def test_who_sends_slowly_keeps_no_other_organisation_waiting(tmp_path: Path) -> None:
    with ExitStack() as stack:
        server = stack.enter_context(serving(tmp_path / "data"))
        host = Host(HostSettings(folder=tmp_path / "data"))
        stack.callback(host.close)
        _, other = host.keys.add("other")
        pool = stack.enter_context(ThreadPoolExecutor(1))

        def begun(key: str, lot: str) -> Upload:
            upload = Upload(server, key, lot)
            stack.enter_context(closing(upload.connection))
            return upload

        slow = [begun(server.key, f"SLOW-{number}") for number in range(6)]
        for number in range(3):
            quick = begun(other, f"QUICK-{number}")
            quick.finish()
            assert quick.answer() == (200, 1)
        waiting = begun(server.key, "WAITING")
        waiting.finish()
        answer = pool.submit(waiting.answer)
        with pytest.raises(NotYet):
            answer.result(timeout=1)
        for each in slow:
            each.finish()
        assert [each.answer() for each in slow] == [(200, 1)] * 6
        assert answer.result(timeout=60) == (200, 1)
