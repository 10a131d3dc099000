"""Label artwork and FDA's workbook over HTTP, with FastAPI and a thread that does the work.

uvicorn --factory fastapi_app:app_from_environment
"""

import hashlib
import logging
import os
from collections.abc import AsyncIterator, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager, contextmanager
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from queue import SimpleQueue
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
"""Seconds between two looks at what is left over."""
STATUSES = {JobNotFoundError: 404, SignatureError: 404, ArtifactNotFoundError: 404}
STATUSES |= {IdempotencyConflictError: 409, RequestError: 422, StoreError: 503}

Jobs = SimpleQueue[tuple[str, str] | None]


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
    stopping = Event()
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
    jobs: Jobs = SimpleQueue()

    @asynccontextmanager
    async def lifespan(_app: FastAPI) -> AsyncIterator[None]:
        threads = [
            Thread(target=work, args=(service, jobs)),
            Thread(target=look_after, args=(service, jobs, stopping)),
        ]
        for thread in threads:
            thread.start()
        yield
        stopping.set()
        jobs.put(None)
        for thread in threads:
            thread.join()

    def pieces_of(file: SignedFile) -> Iterator[bytes]:
        with artifacts.open(file.key) as stream:
            yield b""  # the file is there
            while piece := stream.read(1 << 16):
                yield piece
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
        jobs.put((owner, receipt.job_id))
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
        else:
            jobs.put((owner, status.job_short_id))
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


def work(service: ExportService, jobs: Jobs) -> None:
    """Do one job after the other, until there comes none."""
    for owner, job_id in iter(jobs.get, None):
        with logged(f"job {job_id}"):
            service.run(owner, job_id)


def look_after(service: ExportService, jobs: Jobs, stopping: Event) -> None:
    """Find the jobs that nobody works on, as after a restart, and what is no longer kept."""
    while True:
        with logged("upkeep"):
            for job in service.reconcile().resume:
                jobs.put(job)
        if stopping.wait(UPKEEP):
            return


@contextmanager
def logged(what: str) -> Iterator[None]:
    """A thread goes on, whatever happens: the next upkeep finds what is left."""
    try:
        yield
    except Exception:
        logger.exception("%s", what)
