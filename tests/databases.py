"""Databases for tests: a plugin of pytest."""

from collections.abc import Iterator
from pathlib import Path

import postgresql
import pytest
from sqlalchemy import Engine

from closient_export.adapters.sql import create_tables, open_engine, open_sqlite


def pytest_report_header() -> str:
    without = postgresql.missing()
    return f"PostgreSQL: {f'{without}, so its tests are left out' if without else 'there'}"


@pytest.fixture(scope="session")
def postgresql_url() -> Iterator[str]:
    if reason := postgresql.missing():
        pytest.skip(reason)
    with postgresql.server() as url:
        yield url


@pytest.fixture(scope="session")
def postgresql_engine(postgresql_url: str) -> Iterator[Engine]:
    engine = open_engine(postgresql_url)
    create_tables(engine)
    yield engine
    engine.dispose()


@pytest.fixture
def sqlite_engine(tmp_path: Path) -> Engine:
    return open_sqlite(tmp_path / "catalog.db")


@pytest.fixture(params=["sqlite", "postgresql"])
def engine(request: pytest.FixtureRequest) -> Engine:
    """Either database; owners are each test's own, the tables need not be."""
    found: Engine = request.getfixturevalue(f"{request.param}_engine")
    return found
