"""Label artwork and FDA's workbook over HTTP, with FastAPI and a thread that does the work.

uvicorn --factory fastapi_app:app_from_environment
"""

import hashlib
import logging
import os
from collections.abc import AsyncIterator, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager, contextmanager, suppress
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from threading import Event, Thread
from typing import Annotated, Any

from fastapi import Body, Depends, FastAPI, Header, HTTPException, Request, Response
from fastapi.responses import JSONResponse, StreamingResponse

from closient_export import ExportError, RequestError, to_json
from closient_export.adapters.file_artifacts import FileArtifactStore
from closient_export.adapters.signing import HmacUrlSigner, SignedFile
from closient_export.adapters.sql import (
    SqlEntitySource,
    SqlEventSource,
    SqlJobStore,
    SqlMasterData,
    open_sqlite,
)
from closient_export.errors import (
    ArtifactNotFoundError,
    IdempotencyConflictError,
    JobNotFoundError,
    SignatureError,
    StoreError,
)
from closient_export.service import ExportService, Workplace

logger = logging.getLogger(__name__)

LABELS = "/products/api/v1/labels/export/"
UPKEEP = 60.0
"""Seconds after which the worker looks at what there is, if nobody wakes it."""
STATUSES = {JobNotFoundError: 404, SignatureError: 404, ArtifactNotFoundError: 404}
STATUSES |= {IdempotencyConflictError: 409, RequestError: 422, StoreError: 503}


def owner_of(request: Request, x_api_key: Annotated[str, Header()] = "") -> str:
    """The organisation that a caller acts for."""
    keys: Mapping[str, str] = request.app.state.api_keys
    owner = keys.get(hashlib.sha256(x_api_key.encode()).hexdigest())
    if owner is None:
        raise HTTPException(401, "A valid API key is required in the header X-API-Key.")
    return owner


Owner = Annotated[str, Depends(owner_of)]


def app_from_environment() -> FastAPI:
    """The app that the environment describes."""
    return create_app(
        Path(os.environ["EXPORTS_FOLDER"]),
        base_url=os.environ.get("EXPORTS_URL", "http://localhost:8000"),
        secret=os.environ["EXPORTS_SECRET"].encode(),
        api_keys=dict(pair.split("=") for pair in os.environ["EXPORTS_API_KEYS"].split()),
    )


def create_app(
    folder: Path, *, base_url: str, secret: bytes, api_keys: Mapping[str, str]
) -> FastAPI:
    """An app.

    Args:
        folder: For the database and the files.
        base_url: Where the world sees the app.
        secret: What addresses of downloads are signed with, 32 random bytes or more.
        api_keys: SHA-256 of keys in hexadecimal, and whose they are.
    """
    folder.mkdir(parents=True, exist_ok=True)
    engine = open_sqlite(folder / "exports.db")
    artifacts = FileArtifactStore(folder / "artifacts")
    signer = HmacUrlSigner(f"{base_url}/downloads", {"1": secret}, current="1")
    wake, stopping = Event(), Event()
    service = ExportService(
        Workplace(
            jobs=SqlJobStore(engine),
            artifacts=artifacts,
            signer=signer,
            entities=SqlEntitySource(engine),
            events=partial(SqlEventSource, engine),
            master_data=partial(SqlMasterData, engine),
            make_executor=partial(ThreadPoolExecutor, 2),
            stopping=stopping.is_set,
        )
    )

    @asynccontextmanager
    async def lifespan(_app: FastAPI) -> AsyncIterator[None]:
        worker = Thread(target=work, args=(service, wake, stopping))
        worker.start()
        yield
        stopping.set()
        wake.set()
        worker.join()

    def pieces_of(file: SignedFile) -> Iterator[bytes]:
        with artifacts.open(file.key) as stream:
            yield b""  # the file is there
            while piece := stream.read(1 << 16):
                yield piece
        with suppress(ExportError):  # whoever has the whole file is not to see an error
            service.count_download(file.owner, file.job_id)

    app = FastAPI(title="Exports", lifespan=lifespan)
    app.state.api_keys = api_keys
    for kind in STATUSES:
        app.add_exception_handler(kind, refusal)

    @app.post(LABELS, status_code=202)
    def submit_labels(
        owner: Owner,
        payload: Annotated[Any, Body()],
        idempotency_key: Annotated[str, Header()] = "",
    ) -> dict[str, Any]:
        receipt = service.submit_labels(owner, payload, idempotency_key=idempotency_key)
        wake.set()
        return to_json(receipt)

    @app.get(LABELS + "{job_id}/")
    def poll_labels(owner: Owner, job_id: str) -> dict[str, Any]:
        return to_json(service.status(owner, job_id))

    @app.get("/epcis/api/2.0/traceability/lots/{lot_id}/fda-export", status_code=202)
    def fda_export(
        owner: Owner, lot_id: str, request: Request, response: Response
    ) -> dict[str, Any]:
        status = service.submit_trace(owner, dict(request.query_params) | {"lot_id": lot_id})
        if status.status.terminal:
            response.status_code = 200
        wake.set()
        return to_json(status)

    @app.get("/downloads")
    def download(request: Request) -> StreamingResponse:
        query = request.scope["query_string"].decode("latin-1")
        file = signer.verify(query, datetime.now(UTC))
        pieces = pieces_of(file)
        next(pieces)
        return StreamingResponse(pieces, headers=file.headers)

    return app


def refusal(_request: Request, error: Exception) -> JSONResponse:
    """What a caller is told of an error."""
    status = next(STATUSES[kind] for kind in type(error).__mro__ if kind in STATUSES)
    body: dict[str, Any] = (
        {"detail": error.public_message} if isinstance(error, ExportError) else {}
    )
    if isinstance(error, RequestError):
        body["problems"] = [{"path": each.path, "message": each.message} for each in error.problems]
    return JSONResponse(body, status)


def work(service: ExportService, wake: Event, stopping: Event) -> None:
    """Do the jobs that nobody works on, also those that a killed process has left."""
    while not stopping.is_set():
        with logged("upkeep"):
            found = service.reconcile(limit=1)
            if found.resume or found.removed:
                wake.set()  # there may be more
            for owner, job_id in found.resume:
                with logged(f"job {job_id}"):
                    service.run(owner, job_id)
        wake.wait(UPKEEP)
        wake.clear()


@contextmanager
def logged(what: str) -> Iterator[None]:
    """The worker goes on, whatever happens: it finds again what is left."""
    try:
        yield
    except Exception:
        logger.exception("%s", what)
