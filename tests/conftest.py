"""Options and profiles of the whole suite."""

import json
import os
import signal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from same_examples import same_examples

# How long an example takes is a matter of the machine and of what else runs on it.
_WHATEVER_THE_CLOCK_SAYS = settings(
    max_examples=50, deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
settings.register_profile("default", _WHATEVER_THE_CLOCK_SAYS)
settings.register_profile("ci", _WHATEVER_THE_CLOCK_SAYS, derandomize=True)
_LONGEST = ("test_description.py", "test_contracts_catch.py")
if os.environ.get("CI"):
    settings.load_profile("ci")
    same_examples()  # for good
else:
    settings.load_profile("default")


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--reference-data",
        metavar="DIR",
        type=Path,
        help="folder with published material to check against, such as gs1/engine-vectors.json",
    )


def pytest_report_header(config: pytest.Config) -> str:
    folder = config.getoption("--reference-data")
    return f"reference data: {'given' if folder else 'not given, its checks are left out'}"


def pytest_configure(config: pytest.Config) -> None:
    # A shell starts what runs in the background with interrupts ignored, which children inherit.
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)
    for plugin in ("databases", "brokers", "hosted", "object_storage"):
        config.pluginmanager.import_plugin(plugin)


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    if config.getoption("--reference-data") is None:
        left_out = [item for item in items if item.get_closest_marker("reference_data")]
        config.hook.pytest_deselected(items=left_out)
        items[:] = [item for item in items if item not in left_out]
    # What takes longest comes first, so that nobody waits for it in the end.
    items.sort(key=lambda item: item.path.name not in _LONGEST)


@pytest.fixture(scope="session")
def gs1_vectors(pytestconfig: pytest.Config) -> dict[str, Any]:
    """The unit tests of GS1's own syntax engine."""
    folder: Path = pytestconfig.getoption("--reference-data")
    vectors: dict[str, Any] = json.loads((folder / "gs1" / "engine-vectors.json").read_text())
    return vectors
