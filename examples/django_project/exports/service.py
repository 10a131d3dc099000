"""What the library is given, and the service that it makes of it."""

from collections.abc import Callable
from concurrent.futures import Executor, Future
from functools import cache
from typing import Any

from django.conf import settings
from django.db import connection
from django.utils.crypto import salted_hmac
from sqlalchemy import URL, Engine

from closient_export.adapters.file_artifacts import FileArtifactStore
from closient_export.adapters.signing import HmacUrlSigner
from closient_export.adapters.sql import (
    SqlJobStore,
    SqlMasterData,
    create_tables,
    open_engine,
    open_sqlite,
)
from closient_export.service import ExportService, Workplace
from exports.entities import OrmEntitySource
from exports.events import OrmEventSource

artifacts = FileArtifactStore(settings.EXPORTS_FOLDER)
signer = HmacUrlSigner(
    settings.EXPORTS_DOWNLOAD_URL,
    {"1": salted_hmac("exports.downloads", "", algorithm="sha256").digest()},
    current="1",
)


class ThisThread(Executor):
    """Makes parts where it is asked to: Django opens a connection for each thread, and closes none.

    Celery's workers do not need it, since each part is a task; `ExportService.run` does.
    """

    def submit(self, work: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
        """Do it now."""
        future: Future[Any] = Future()
        try:
            future.set_result(work(*args, **kwargs))
        except Exception as error:
            future.set_exception(error)
        return future


@cache
def open_database() -> Engine:
    """Django's database, in which the library keeps jobs, places and products itself."""
    database = connection.settings_dict
    if connection.vendor == "sqlite":
        return open_sqlite(database["NAME"])
    url = URL.create(
        "postgresql",
        username=database["USER"] or None,
        password=database["PASSWORD"] or None,
        host=database["HOST"] or None,
        port=int(database["PORT"] or 5432),
        database=database["NAME"],
    )
    engine = open_engine(url)
    create_tables(engine)
    return engine


def make_service() -> ExportService:
    """The service of a process, on connections of its own."""
    engine = open_database()
    return ExportService(
        Workplace(
            jobs=SqlJobStore(engine),
            artifacts=artifacts,
            signer=signer,
            entities=OrmEntitySource(),
            events=OrmEventSource,
            master_data=lambda owner: SqlMasterData(engine, owner),
            make_executor=ThisThread,
        )
    )
