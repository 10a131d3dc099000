"""The OpenAPI document is what the app does, and its page says all of it."""

import os
import re
import subprocess
import sys
from pathlib import Path

import yaml
from hosted import Served
from hosts import serving
from openapi_spec_validator import validate

from closient_export.host.app import create_app
from closient_export.host.description import openapi_document

HERE = Path(__file__).parent


def test_the_document_is_valid() -> None:
    validate(openapi_document())


def test_the_document_has_every_path_of_the_api(served: Served) -> None:
    document = openapi_document()
    described = {
        (path, method.upper()) for path, methods in document["paths"].items() for method in methods
    }
    app = create_app(served.host, works=False)
    paths = ("/products/api", "/epcis/api", "/downloads", "/health")
    routes = {
        (route.path, method)  # type: ignore[attr-defined]
        for route in app.routes
        if getattr(route, "path", "").startswith(paths)
        for method in (getattr(route, "methods", None) or {"GET"}) - {"HEAD"}
    }
    assert routes == described


def test_schemathesis_finds_no_answer_that_is_not_described(tmp_path: Path) -> None:
    with serving(tmp_path / "data") as server:
        done = subprocess.run(
            [
                Path(sys.executable).with_name("schemathesis"),
                f"--config-file={HERE / 'schemathesis.toml'}",
                "run",
                f"{server.url}/openapi.yaml",
                f"--url={server.url}",
                f"--header=X-API-Key: {server.key}",
                "--checks=all",
                "--max-examples=10",
                "--continue-on-failure",
                "--no-color",
                "--generation-deterministic",
            ],
            cwd=tmp_path,
            env=os.environ | {"SCHEMATHESIS_HOOKS": "schemathesis_hooks", "PYTHONPATH": str(HERE)},
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stdout
        covered = re.search(r"Tested: ([0-9]+)", done.stdout)
        assert covered is not None
        assert int(covered[1]) == sum(map(len, openapi_document()["paths"].values()))
        assert '"status": 202' in server.text
        assert '"status": 5' not in server.text


def test_the_page_and_the_document_are_served(served: Served) -> None:
    answer = served.client.get("/openapi.yaml")
    assert answer.headers["content-type"].startswith("application/yaml")
    assert yaml.safe_load(answer.text) == openapi_document()
    page = served.client.get("/docs")
    assert page.headers["content-type"].startswith("text/html")
    for path in openapi_document()["paths"]:
        assert f"<code>{path}</code>" in page.text
    targets = set(re.findall(r'href="#([^"]+)"', page.text))
    assert targets <= set(re.findall(r'id="([^"]+)"', page.text))
    assert "<script" not in page.text
    assert " style=" not in page.text
