import multiprocessing
import os
import pickle
import sqlite3
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Literal
from uuid import uuid4

import pytest
from attrs import evolve
from sqlalchemy import Engine, delete, text, update

from closient_export import Gtin, Lot, ProductDescription, Scope, Serial
from closient_export.adapters.file_artifacts import FileArtifactStore
from closient_export.adapters.sql import (
    SqlEntitySource,
    SqlEventSource,
    SqlJobStore,
    SqlMasterData,
    create_tables,
    engines,
    open_engine,
    open_sqlite,
)
from closient_export.adapters.sql.schema import jobs, versions
from closient_export.adapters.sql.transactions import writing
from closient_export.epcis import Event
from closient_export.errors import (
    EventSourceError,
    IdempotencyConflictError,
    StaleJobError,
    StoreError,
)
from closient_export.jobs import JobStatus
from closient_export.master_data import LocationDescription
from closient_export.ports import FrontierQuery
from closient_export.records import JobRecord
from closient_export.requests import LabelFilters
from closient_export.service import ExportService, Settings, Workplace
from closient_export.testing.event_contracts import SHIPPED
from closient_export.testing.job_histories import label_record

GTIN = Gtin.parse("9506000134352")
NOW = datetime.now(UTC)
EVERYTHING, NEVER = LabelFilters(), LabelFilters(never_printed=True)
PROCESSES = 8
HOSTILE_NAME = "a?mode=ro&x=%41 @:#.db"


@pytest.fixture
def owner() -> str:
    return uuid4().hex


def serials(
    source: SqlEntitySource, owner: str, filters: LabelFilters = EVERYTHING
) -> list[Serial]:
    plan = source.plan(owner, Scope.SERIALS, filters, part_size=2)
    return [
        subject
        for keys in plan.ranges
        for subject in source.subjects(owner, Scope.SERIALS, filters, plan.snapshot, keys)
        if isinstance(subject, Serial)
    ]


# Processes


def processes(method: Literal["fork", "spawn"], count: int = PROCESSES) -> ProcessPoolExecutor:
    return ProcessPoolExecutor(count, mp_context=multiprocessing.get_context(method))


def change(store: SqlJobStore, record: JobRecord, number: int) -> bool:
    try:
        store.replace(evolve(record, setbacks=number))
    except StaleJobError:
        return False
    return True


def add(store: SqlJobStore, owner: str, key: str) -> str:
    return store.add(label_record(owner, key=key)).job_id


@pytest.mark.filterwarnings("ignore:.*fork.*:DeprecationWarning")
def test_of_many_processes_one_wins(engine: Engine, owner: str) -> None:
    store = SqlJobStore(engine)
    record = store.add(label_record(owner))
    with processes("fork") as pool:
        for key in ("k", "l", "m"):
            calls = [pool.submit(change, store, record, number) for number in range(8)]
            won = [call.result() for call in calls]
            assert sum(won) == 1
            record = store.get(owner, record.job_id)
            assert record.setbacks == won.index(True)
            adding = [pool.submit(add, store, owner, key) for _ in range(8)]
            assert len({call.result() for call in adding}) == 1


def test_a_pickled_adapter_opens_one_engine_in_each_process(engine: Engine, owner: str) -> None:
    SqlEntitySource(engine).add(owner, [Serial(gtin=GTIN, serial="1")])
    adapters = [SqlEntitySource(engine), SqlJobStore(engine), SqlEventSource(engine, owner)]
    copies: list[Any] = [pickle.loads(pickle.dumps(each)) for each in (*adapters, *adapters)]  # noqa: S301
    assert len({id(copy._engine) for copy in copies}) == 1
    assert copies[0].count(owner) == 1
    assert copies[2]._owner == owner
    copies[0]._engine.dispose()


def test_a_password_survives_pickling() -> None:
    store = SqlJobStore(open_engine("postgresql://me:s%40fe@nowhere/db"))
    url = pickle.loads(pickle.dumps(store))._engine.url  # noqa: S301
    assert (url.password, url.drivername) == ("s@fe", "postgresql+psycopg")


def make_tables(path: Path) -> None:
    open_sqlite(path)


@pytest.mark.filterwarnings("ignore:.*fork.*:DeprecationWarning")
def test_many_processes_may_make_the_tables_at_once(tmp_path: Path, postgresql_url: str) -> None:
    path = tmp_path / "new.db"
    with processes("fork") as pool:
        list(pool.map(make_tables, [path] * 8))
    assert engines.schema_version(open_sqlite(path)) == 1
    admin = open_engine(postgresql_url)
    name = f"t{uuid4().hex}"
    with admin.connect() as connection:
        connection.execution_options(isolation_level="AUTOCOMMIT").execute(
            text(f"CREATE DATABASE {name}")
        )
    fresh = open_engine(admin.url.set(database=name))
    with ThreadPoolExecutor(4) as pool_of_threads:
        list(pool_of_threads.map(create_tables, [fresh] * 4))
    fresh.dispose()
    admin.dispose()


# Databases


@pytest.mark.parametrize("url", ["sqlite://", "sqlite:///:memory:", "mysql://localhost/x"])
def test_other_databases_are_refused(url: str) -> None:
    with pytest.raises(ValueError, match="expected"):
        open_engine(url)


def test_tables_of_another_version_are_refused(tmp_path: Path) -> None:
    engine = open_sqlite(tmp_path / "a.db")
    with writing(engine) as connection:
        connection.execute(update(versions).values(version=7))
    with pytest.raises(StoreError, match="version 1, got version 7"):
        open_sqlite(tmp_path / "a.db")


def test_a_relative_path_is_the_same_file_from_elsewhere(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    store = SqlJobStore(open_sqlite(HOSTILE_NAME))
    pickled = pickle.dumps(store)
    monkeypatch.chdir("/")
    record = store.add(label_record("o"))
    assert pickle.loads(pickled).get("o", record.job_id) == record  # noqa: S301
    assert [path.name for path in tmp_path.iterdir()] == [HOSTILE_NAME]


def test_a_locked_file_is_an_error_that_may_pass(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(engines, "_PATIENCE", 0.1)
    engine = open_sqlite(tmp_path / "a.db")
    store, record = SqlJobStore(engine), label_record("o")
    with writing(engine):
        with pytest.raises(StoreError) as caught:
            store.add(record)
        assert caught.value.retryable
        assert "a.db" not in caught.value.public_message
        assert list(store.due(NOW)) == []  # who reads need not wait
    assert store.add(record) == record


def test_a_server_that_is_not_there_is_an_error_that_may_pass(tmp_path: Path) -> None:
    engine = open_engine(f"postgresql://postgres@/postgres?host={tmp_path}")
    with pytest.raises(StoreError):
        SqlJobStore(engine).due(NOW)
    with pytest.raises(EventSourceError) as caught:
        list(SqlEventSource(engine, "o").fetch(FrontierQuery()))
    assert caught.value.retryable
    assert str(tmp_path) not in caught.value.public_message


def test_a_lost_connection_is_an_error_that_may_pass(postgresql_engine: Engine) -> None:
    def lose() -> None:
        with writing(postgresql_engine) as connection:
            own = connection.execute(text("SELECT pg_backend_pid()")).scalar()
            with postgresql_engine.connect() as other:
                other.execute(text("SELECT pg_terminate_backend(:own)"), {"own": own})
            connection.execute(text("SELECT 1"))

    with pytest.raises(StoreError):
        lose()
    assert SqlJobStore(postgresql_engine).due(NOW) is not None


def test_a_transaction_that_was_undone_is_an_error_that_may_pass(
    postgresql_engine: Engine,
) -> None:
    def fail(state: str) -> None:
        with writing(postgresql_engine) as connection:
            raising = f"DO $$ BEGIN RAISE EXCEPTION 'x' USING ERRCODE = '{state}'; END $$"
            connection.exec_driver_sql(raising)

    for state in ("40001", "40P01", "53300", "55P03"):
        with pytest.raises(StoreError):
            fail(state)
    with pytest.raises(Exception, match="22012") as caught:
        fail("22012'; RAISE EXCEPTION '22012")
    assert not isinstance(caught.value, StoreError)


def test_events_of_a_database_without_tables_cannot_be_had(tmp_path: Path) -> None:
    sqlite3.connect(tmp_path / "empty.db").close()
    source = SqlEventSource(open_engine(f"sqlite:///{tmp_path / 'empty.db'}"), "o")
    with pytest.raises(EventSourceError) as caught:
        list(source.fetch(FrontierQuery()))
    assert not caught.value.retryable


def test_another_jobs_key_cannot_be_taken(engine: Engine, owner: str) -> None:
    store = SqlJobStore(engine)
    store.add(label_record(owner, key="k"))
    store.add(label_record(owner))
    other = store.add(label_record(owner))
    with pytest.raises(IdempotencyConflictError):
        store.replace(evolve(other, idempotency_key="k"))
    assert store.add(other) == other  # the same job again, with no key


def test_who_asks_again_with_a_key_waits_for_nobody_who_writes(engine: Engine, owner: str) -> None:
    store = SqlJobStore(engine)
    first, second = (label_record(owner, key="k") for _ in range(2))
    store.add(first)
    with writing(engine) as connection, ThreadPoolExecutor(1) as pool:
        connection.execute(delete(jobs).where(jobs.c.owner == owner))
        assert pool.submit(store.add, second).result(timeout=120) == first
    assert store.add(second) == second


# What is added again


def test_what_is_said_later_counts_and_what_is_left_blank_stays(engine: Engine, owner: str) -> None:
    source = SqlEntitySource(engine)
    first = Serial(gtin=GTIN, serial="1", lot="A", brand="Acme", product_name="Kale")
    assert source.add(owner, [first, Lot(gtin=GTIN, lot="A")]).new == 2
    for changed in (1, 0):
        added = source.add(owner, [Serial(gtin=GTIN, serial="1", product_name="Curly kale")])
        assert (added.new, added.changed) == (0, changed)
    assert serials(source, owner) == [evolve(first, product_name="Curly kale")]


def test_of_two_rows_about_one_thing_the_later_counts(engine: Engine, owner: str) -> None:
    source = SqlEntitySource(engine)
    rows = [
        Serial(gtin=GTIN, serial="1", lot="A", brand="Acme"),
        Serial(gtin=GTIN, serial="1", lot="B", printed_at=NOW),
        Serial(gtin=GTIN, serial="1", printed_at=NOW + timedelta(days=1)),
    ]
    for new in (1, 0):
        assert source.add(owner, rows).new == new
        assert serials(source, owner) == [evolve(rows[1], brand="Acme")]


def test_what_was_printed_stays_printed(engine: Engine, owner: str) -> None:
    source = SqlEntitySource(engine)
    rows = [Serial(gtin=GTIN, serial=str(number)) for number in range(3)]
    source.add(owner, rows)
    plan = source.plan(owner, Scope.SERIALS, NEVER, part_size=5)
    printed = [(plan.ranges[0], (1,))]
    source.record_printed(owner, Scope.SERIALS, NEVER, plan.snapshot, printed, NOW)
    added = source.add(owner, rows)
    assert (added.new, added.changed) == (0, 0)
    assert [each.serial for each in serials(source, owner, NEVER)] == ["1"]
    assert [each.printed_at for each in serials(source, owner)] == [NOW, None, NOW]


def test_the_same_event_twice_is_one_event(engine: Engine, owner: str) -> None:
    source = SqlEventSource(engine, owner)
    later = evolve(SHIPPED, record_time=NOW)
    reordered = evolve(SHIPPED, ilmd={"a": 1, "b": 2})
    assert source.add([SHIPPED, SHIPPED, later, evolve(SHIPPED, ilmd={"b": 2, "a": 1})]) == 3
    assert source.add([later, reordered, SHIPPED]) == 0
    assert len(source) == len(list(source.fetch(FrontierQuery()))) == 3


def test_all_is_added_or_nothing(engine: Engine, owner: str) -> None:
    def broken() -> Iterator[Event]:
        for number in range(1500):
            yield evolve(SHIPPED, event_id=f"urn:uuid:{number}")
        raise ZeroDivisionError

    source = SqlEventSource(engine, owner)
    with pytest.raises(ZeroDivisionError):
        source.add(broken())
    assert len(source) == 0
    assert source.add([]) == 0


def test_what_owners_say_counts_before_headers(engine: Engine, owner: str) -> None:
    source = SqlMasterData(engine, owner)
    place = LocationDescription(id="urn:epc:id:sgln:0614141.07346.0", business_name="Old", city="X")
    heard = [evolve(place, business_name=name, phone=f"+{name}") for name in ("Zed", "Abe")]
    assert source.add(heard[:1], from_headers=True) == 1
    assert source.add([place]) == 1
    assert source.add([LocationDescription(id=place.id, business_name="New")]) == 1
    assert source.add(heard[::-1], from_headers=True) == 1
    assert source.add([LocationDescription(id=place.id, business_name="New")]) == 0
    assert source.locations([place.id]) == {
        place.id: evolve(place, business_name="New", phone="+Abe")
    }
    assert source.add((), [ProductDescription(id="urn:x:1", packaged=False)]) == 1
    assert source.products(["urn:x:1"])["urn:x:1"].packaged is False


def test_a_snapshot_holds_though_another_adds_meanwhile(
    postgresql_engine: Engine, owner: str
) -> None:
    """Numbers are given out before others can see the rows."""
    source = SqlEntitySource(postgresql_engine)
    slow, go_on = threading.Event(), threading.Event()

    def slowly() -> Iterator[Serial]:
        yield Serial(gtin=GTIN, serial="slow")
        slow.set()
        go_on.wait(120)

    with ThreadPoolExecutor(2) as pool:
        first = pool.submit(source.add, owner, slowly())
        assert slow.wait(120)
        second = pool.submit(source.add, owner, [Serial(gtin=GTIN, serial="quick")])
        source.add(f"{owner}-2", [Serial(gtin=GTIN, serial="other")])  # who need not wait
        time.sleep(0.1)
        assert not second.done()
        plan = source.plan(owner, Scope.SERIALS, EVERYTHING, part_size=5)
        go_on.set()
        assert first.result().new == second.result().new == 1
    assert plan.count == 0
    assert [each.serial for each in serials(source, owner)] == ["slow", "quick"]


# The whole


class Signer:
    def sign(self, key: str, **_: object) -> str:
        return f"https://files.example/{key}"


def test_exports_run_on_a_database_with_workers_in_other_processes(
    engine: Engine, owner: str, tmp_path: Path
) -> None:
    entities = SqlEntitySource(engine)
    entities.add(owner, [Serial(gtin=GTIN, lot="A", serial=f"{n:04}") for n in range(300)])
    place = Workplace(
        jobs=SqlJobStore(engine),
        artifacts=FileArtifactStore(tmp_path / "files"),
        signer=Signer(),
        entities=entities,
        events=lambda owner: SqlEventSource(engine, owner),
        master_data=lambda owner: SqlMasterData(engine, owner),
        make_executor=lambda: processes("spawn", 2),
        settings=Settings(part_size=50),
    )
    service = ExportService(place)
    payload = {
        "scope": "serials",
        "export_type": "qr_codes",
        "file_format": "svg",
        "filters": {"never_printed": True},
    }
    receipt = service.submit_labels(owner, payload, idempotency_key="once")
    assert service.submit_labels(owner, payload, idempotency_key="once") == receipt
    record = service.run(owner, receipt.job_id)
    assert record.job.status is JobStatus.COMPLETED
    assert service.status(owner, receipt.job_id).status is JobStatus.COMPLETED
    assert serials(entities, owner, NEVER) == []
    assert os.listdir(tmp_path / "files")  # noqa: PTH208
