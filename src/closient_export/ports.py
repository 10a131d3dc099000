"""What a host implements, so that this library works on its data.

An owner is the organisation that a caller acts for. Every answer is for one owner alone: what
another one owns is not there.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from datetime import date, datetime
from typing import BinaryIO, Protocol

from attrs import frozen

from closient_export.epcis import Event
from closient_export.ids import ShortId
from closient_export.master_data import LocationDescription, ProductDescription
from closient_export.records import JobRecord, KeyRange, PartReceipt, Plan, Progress
from closient_export.requests import LabelFilters
from closient_export.subjects import Scope, Subject

__all__ = [
    "ArtifactStore",
    "EntitySource",
    "Event",
    "EventSource",
    "FrontierQuery",
    "JobRecord",
    "JobStore",
    "KeyRange",
    "LabelFilters",
    "LocationDescription",
    "MasterData",
    "PartReceipt",
    "Plan",
    "ProductDescription",
    "Progress",
    "Scope",
    "ShortId",
    "Subject",
    "UrlSigner",
]


class EntitySource(Protocol):
    """Where the products, lots and serials are that labels are made for.

    Obligations: an answer holds entities of one owner alone; a snapshot selects the same entities
    in the same order as long as a job may run, whatever is printed or added meanwhile; the source
    can be pickled where workers are other processes.

    A snapshot is whatever text lets the source find again what there was when the plan was made:
    which entities, which lots, and which of them had been printed. Serials are of the lots that
    `LabelFilters.lot_ids` names if they have the same owner, GTIN and lot as these, as they were
    when the plan was made: one code may be a lot of two GTINs, and a lot that is added later
    selects nothing. Products are of no lot and no run: filters by these select none of them.
    """

    def plan(self, owner: str, scope: Scope, filters: LabelFilters, *, part_size: int) -> Plan:
        """What scope and filters select now, cut into ranges of `part_size`, the last one of less."""
        ...

    def subjects(
        self, owner: str, scope: Scope, filters: LabelFilters, snapshot: str, keys: KeyRange
    ) -> Iterator[Subject]:
        """The entities of a range of a plan, in its order; fewer than planned where some are gone.

        Obligations: as of the snapshot, so that a part that is made again has the same bytes; what
        is printed later changes no `printed_at`. A source that takes no notes may leave it as it
        was given: that something was printed is for ``never_printed`` to know.
        """
        ...

    def record_printed(
        self,
        owner: str,
        scope: Scope,
        filters: LabelFilters,
        snapshot: str,
        printed: Iterable[tuple[KeyRange, Collection[int]]],
        at: datetime,
    ) -> None:
        """Note that the entities of some ranges were printed, all but those at some indexes of each.

        Indexes are from 0 on in their range. Obligations: once noted, ``never_printed`` passes them
        over; noting twice is noting once, and the first time counts.
        """
        ...


@frozen(kw_only=True)
class FrontierQuery:
    """Which events a walk wants next: all that name one of some things."""

    ids: frozenset[str] = frozenset()
    """Canonical identifiers of lots, serials, containers, and transformation ids."""
    products: frozenset[str] = frozenset()
    """Canonical identifiers of products, of which any lot or serial counts."""
    since: date | None = None
    until: date | None = None
    """First and last local date of the events, for products and for everything."""

    @property
    def everything(self) -> bool:
        """Whether every event of the dates is wanted, whatever it names."""
        return not self.ids and not self.products


class EventSource(Protocol):
    """Where EPCIS events are kept.

    Obligations: an answer holds every event for which one of `Event.named_ids` is among the
    query's ids, or one of whose items is of one of its products; it holds every event, with or
    without an error declaration, that has the event id of one of these; it answers for one owner
    alone. It may hold more than that, in any order, and some events twice.
    """

    def fetch(self, query: FrontierQuery) -> Iterable[Event]:
        """The events that a query asks for; called a few times for each hop of a walk.

        Raises:
            EventSourceError: the events cannot be had.
        """
        ...


class MasterData(Protocol):
    """Where places and products are described.

    Obligations: identifiers are canonical in questions and answers; what is not known is left
    out; a lot's description need not repeat its product's.
    """

    def locations(self, ids: Collection[str]) -> Mapping[str, LocationDescription]:
        """Descriptions of places and parties, by identifier."""
        ...

    def products(self, ids: Collection[str]) -> Mapping[str, ProductDescription]:
        """Descriptions of products and lots, by identifier."""
        ...


class JobStore(Protocol):
    """Where jobs are kept.

    Obligations: each method is atomic and durable when it returns, for all processes that share
    the store; a job is found by its owner and its id together, and one that is absent and one of
    another owner are the same `JobNotFoundError`.
    """

    def add(self, record: JobRecord) -> JobRecord:
        """Keep a new job.

        Obligations: of several with the same owner and the same idempotency key, which is not
        empty, the first is kept, and every call returns that one. Whoever polls a trace calls this
        with the key of a job that is kept: look for it first, and write only if it is not there.
        """
        ...

    def get(self, owner: str, job_id: ShortId) -> JobRecord:
        """A job.

        Raises:
            JobNotFoundError: there is none with that id, or it is another owner's.
        """
        ...

    def replace(self, record: JobRecord) -> JobRecord:
        """Keep a changed job, and return it with its next revision.

        Raises:
            StaleJobError: its revision is not the stored one, so that somebody else has changed it.
            JobNotFoundError: there is none any more.
        """
        ...

    def remove(self, record: JobRecord) -> None:
        """Forget a job and its receipts; one that is gone already is no error."""
        ...

    def add_receipt(self, owner: str, job_id: ShortId, receipt: PartReceipt) -> None:
        """Keep a receipt; of several for one part the first counts.

        Raises:
            JobNotFoundError: there is no such job.
        """
        ...

    def receipts(self, owner: str, job_id: ShortId) -> Sequence[PartReceipt]:
        """The receipts of a job, in the order of its parts."""
        ...

    def progress(self, owner: str, job_id: ShortId) -> Progress:
        """The receipts of a job, added up."""
        ...

    def due(self, now: datetime, *, limit: int = 100) -> Sequence[JobRecord]:
        """Jobs of all owners that should have been looked at by now, the most overdue first."""
        ...


class ArtifactStore(Protocol):
    """Where files are kept, by keys of printable ASCII with ``/`` between their parts.

    Obligations: a file is visible when it is whole and not before; a key is written once, and
    writing it again changes nothing; the store can be pickled where workers are other processes.
    """

    def create(self, key: str) -> AbstractContextManager[BinaryIO]:
        """A file to write, which need not be seekable; it is kept when the block ends well.

        Raises:
            ArtifactError: it cannot be written; what is visible then, if anything, is whole.
        """
        ...

    def open(self, key: str) -> AbstractContextManager[BinaryIO]:
        """A file to read, as a stream.

        Raises:
            ArtifactNotFoundError: there is none.
        """
        ...

    def keys(self, prefix: str) -> Iterator[str]:
        """The keys that begin with `prefix`."""
        ...

    def delete(self, key: str) -> None:
        """Forget a file; one that is gone already is no error."""
        ...


class UrlSigner(Protocol):
    """Mints addresses from which a file can be downloaded for a while without further proof.

    Obligations: whoever serves the file refuses an address in which anything was changed, that is put
    together of others, or that was signed with another secret; what is read off an address is
    what was signed, whatever text it was; the signer can be pickled where workers are other
    processes.
    """

    def sign(
        self, key: str, *, owner: str, filename: str, media_type: str, expires_at: datetime
    ) -> str:
        """An address of a file of an artifact store; it is worth nothing once it has expired.

        Raises:
            ValueError: a value cannot be part of an address.
        """
        ...
