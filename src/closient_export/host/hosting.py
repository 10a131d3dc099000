"""The host itself: the library's service on a database, with keys, lots and captures beside it."""

import io
from collections.abc import Callable
from datetime import UTC, datetime
from functools import partial
from threading import Event
from typing import Any, BinaryIO

from attrs import evolve
from sqlalchemy import Engine, text

from closient_export.adapters.file_artifacts import FileArtifactStore
from closient_export.adapters.processes import KeptProcesses
from closient_export.adapters.signing import HmacUrlSigner
from closient_export.adapters.sql import (
    SqlEntitySource,
    SqlEventSource,
    SqlJobStore,
    SqlMasterData,
    create_tables,
    open_engine,
    open_sqlite,
)
from closient_export.adapters.sql.importing import (
    ImportedDescriptions,
    ImportedEntities,
    import_descriptions,
    import_entities,
)
from closient_export.adapters.sql.transactions import reading, writing
from closient_export.errors import CatalogError
from closient_export.host.captures import Captures
from closient_export.host.keys import ApiKeys
from closient_export.host.lots import Lots, give_lots_ids
from closient_export.host.problems import CATALOG, MASTER_DATA, too_large
from closient_export.host.settings import HostSettings, S3Bucket, kept_secret
from closient_export.host.tables import create_host_tables
from closient_export.ports import ArtifactStore, UrlSigner
from closient_export.requests import Direction
from closient_export.service import ExportService, Workplace
from closient_export.trace.report import TraceReport, trace_lots
from closient_export.trace.walk import Selection

__all__ = ["DOWNLOADS", "Host"]

_CHUNK = 1 << 20
DOWNLOADS = "/downloads"
"""Where signed addresses lead to."""


def _utc_now() -> datetime:
    return datetime.now(UTC)


class Host:
    """Everything that a server or a worker of the host works with; each process opens its own."""

    def __init__(self, settings: HostSettings, *, clock: Callable[[], datetime] = _utc_now) -> None:
        self.settings = settings
        self.clock = clock
        settings.folder.mkdir(parents=True, exist_ok=True)
        self.engine = _database(settings)
        self.secrets = kept_secret(settings)
        self.keys = ApiKeys(self.engine, clock)
        self.lots = Lots(self.engine)
        self.captures = Captures(
            self.engine, clock, event_characters=settings.limits.event_characters
        )
        self.entities = SqlEntitySource(self.engine)
        self.processes = KeptProcesses(settings.processes)
        self.stopping = Event()
        self.artifacts, self.signer = self._storage()
        self.place = Workplace(
            jobs=SqlJobStore(self.engine),
            artifacts=self.artifacts,
            signer=self.signer,
            entities=self.entities,
            events=partial(SqlEventSource, self.engine),
            master_data=partial(SqlMasterData, self.engine),
            make_executor=self.processes,
            clock=clock,
            settings=settings.exports,
            find_lot=self.lots.find,
            stopping=self.stopping.is_set,
        )
        self.service = ExportService(self.place)

    def _storage(self) -> tuple[ArtifactStore, UrlSigner]:
        bucket = self.settings.bucket
        if bucket is not None:
            return _in_bucket(bucket)
        (current,) = self.secrets
        base_url = f"{self.settings.public_url}{DOWNLOADS}"
        return self.settings.artifacts, HmacUrlSigner(base_url, self.secrets, current=current)

    def report(self, owner: str, lot: str, direction: Direction = Direction.BOTH) -> TraceReport:
        """The trace of a lot as it is now; one that is too long is cut, and says so."""
        exports = self.settings.exports
        return trace_lots(
            self.place.events(owner),
            self.place.master_data(owner),
            Selection(lots=(lot,)),
            direction,
            limits=evolve(exports.limits, truncate=True),
            rules=exports.rules,
            thresholds=exports.thresholds,
        )

    def import_catalog(self, owner: str, file: BinaryIO) -> ImportedEntities:
        """Take in a CSV file of lots and serials; lots without an id get one.

        Raises:
            CatalogError: it cannot be read; nothing was taken in.
        """
        _check_text(file)
        with writing(self.engine) as connection:
            found = import_entities(connection, owner, file, CATALOG)
            give_lots_ids(connection, owner)
        return found

    def import_master_data(self, owner: str, file: BinaryIO) -> ImportedDescriptions:
        """Take in descriptions of places and products.

        Raises:
            MasterDataError: they cannot be read; nothing was taken in.
            Refused: they are too large (413), since they are read as a whole.
        """
        most = self.settings.limits.master_data_bytes
        if file.seek(0, io.SEEK_END) > most:
            raise too_large(most)
        file.seek(0)
        with writing(self.engine) as connection:
            return import_descriptions(connection, owner, file, MASTER_DATA)

    def check(self) -> None:
        """See whether the database and the artifacts can be had.

        Raises:
            ExportError: one of them cannot.
        """
        with reading(self.engine) as connection:
            connection.execute(text("SELECT 1"))
        next(iter(self.artifacts.keys("readiness/")), None)

    def sweep(self) -> None:
        """Remove what killed writers have left among the artifacts."""
        if isinstance(self.artifacts, FileArtifactStore):
            self.artifacts.sweep(self.clock())

    def close(self) -> None:
        """Let go of processes and connections."""
        self.processes.close()
        self.engine.dispose()


def _database(settings: HostSettings) -> Engine:
    if not settings.database:
        engine = open_sqlite(settings.folder / "closient.db")
    else:
        engine = open_engine(settings.database)
        create_tables(engine)
    create_host_tables(engine)
    return engine


def _check_text(file: BinaryIO) -> None:
    """See whether a file of text is one, since PostgreSQL keeps no NUL; it then stands at its beginning."""
    line = 1
    while chunk := file.read(_CHUNK):
        before, nul, _ = chunk.partition(b"\0")
        line += before.count(b"\n")
        if nul:
            raise CatalogError(f"{CATALOG}, line {line}: expected text, got a NUL character")
    file.seek(0)


def _in_bucket(bucket: S3Bucket) -> tuple[ArtifactStore, UrlSigner]:
    from closient_export.adapters.s3_artifacts import (  # noqa: PLC0415 - an extra of its own
        S3ArtifactStore,
        S3UrlSigner,
    )

    options: dict[str, Any] = {"endpoint_url": bucket.endpoint_url} if bucket.endpoint_url else {}
    return (
        S3ArtifactStore(bucket.name, bucket.prefix, **options),
        S3UrlSigner(bucket.name, bucket.prefix, **options),
    )
