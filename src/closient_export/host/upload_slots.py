"""How many uploads are taken in at the same time, and how many of them for one organisation."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from weakref import WeakValueDictionary

from anyio import Semaphore

__all__ = ["UploadSlots"]


class UploadSlots:
    """The slots of one process; whoever finds none waits for one.

    An organisation has half of them at most, the larger half of an odd number: however slowly it
    sends, another one does not wait for it.
    """

    def __init__(self, slots: int) -> None:
        self._slots = Semaphore(slots)
        self._most_of_one = (slots + 1) // 2
        self._of_owners = WeakValueDictionary[str, Semaphore]()
        """Of those who upload or wait just now."""

    @asynccontextmanager
    async def taken(self, owner: str) -> AsyncIterator[None]:
        """A slot for an upload of an organisation."""
        own = self._of_owners.get(owner)
        if own is None:
            own = self._of_owners[owner] = Semaphore(self._most_of_one)
        async with own, self._slots:
            yield
