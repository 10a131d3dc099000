"""The example project of Django, on databases of its tests."""

import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import django
import pytest
from django.conf import settings
from django.db import connections
from django.db.utils import ConnectionHandler
from sqlalchemy import make_url

EXAMPLES = Path(__file__).resolve().parents[2] / "examples"
sys.path[:0] = [str(EXAMPLES / "django_project"), str(EXAMPLES)]

ARTIFACTS = tempfile.TemporaryDirectory()

# The environment is that of all tests: other apps of Celery are no business of Django's.
with pytest.MonkeyPatch.context() as environment:
    environment.setenv("ACME_DEBUG", "1")
    environment.setenv("ACME_EXPORTS", ARTIFACTS.name)
    environment.setenv("DJANGO_SETTINGS_MODULE", "acme.settings")
    django.setup()
    import acme.celery

SQLITE = settings.DATABASES["default"].copy()

acme.celery.app.conf.update(broker_url="memory://", task_always_eager=True)


def pytest_unconfigure() -> None:
    ARTIFACTS.cleanup()


def use(wrapper: Any) -> None:
    """Let Django take a database for its own."""
    connections.settings["default"] = wrapper.settings_dict
    connections["default"] = wrapper


def made(described: dict[str, Any]) -> Iterator[Any]:
    """Django's test database for some settings, with the tables."""
    wrapper = ConnectionHandler({"default": described})["default"]
    use(wrapper)
    wrapper.creation.create_test_db(verbosity=0)
    yield wrapper
    use(wrapper)
    wrapper.creation.destroy_test_db(described["NAME"], verbosity=0)


@pytest.fixture(scope="session")
def sqlite_wrapper(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    path = tmp_path_factory.mktemp("django") / "test.sqlite3"  # a file: the library opens it too
    yield from made(SQLITE | {"TEST": {"NAME": str(path)}})


@pytest.fixture(scope="session")
def postgresql_wrapper(postgresql_url: str) -> Iterator[Any]:
    url = make_url(postgresql_url)
    described = {
        "ENGINE": "django.db.backends.postgresql",
        "HOST": url.query["host"],
        "USER": url.username,
        "NAME": url.database,
    }
    yield from made(described)


@pytest.fixture
def on_sqlite(sqlite_wrapper: Any) -> None:
    use(sqlite_wrapper)


@pytest.fixture(params=["sqlite", "postgresql"])
def database(request: pytest.FixtureRequest) -> None:
    use(request.getfixturevalue(f"{request.param}_wrapper"))
    assert connections["default"].vendor == request.param
