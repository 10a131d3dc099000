"""A host in this process, with what is bundled for one organisation and nothing for another."""

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from attrs import frozen

if TYPE_CHECKING:
    from starlette.testclient import TestClient

    from closient_export.host import Host


@frozen(eq=False)
class Served:
    """A host and callers of it; jobs are done when `work` is called."""

    host: "Host"
    client: "TestClient"
    """Whose key is the demo's."""
    stranger: "TestClient"
    """Whose key is another organisation's."""

    def work(self) -> None:
        """Do all jobs that wait."""
        while resume := self.host.service.reconcile().resume:
            for owner, job_id in resume:
                self.host.service.run(owner, job_id)

    def caller(self, *permissions: str, owner: str = "demo") -> "TestClient":
        """A caller whose key has some permissions."""
        _, text = self.host.keys.add(owner, permissions=permissions)
        return with_key(self.client, text)


def with_key(client: "TestClient", text: str) -> "TestClient":
    """Another caller of the same app."""
    from starlette.testclient import TestClient  # noqa: PLC0415

    return TestClient(client.app, headers={"X-API-Key": text}, raise_server_exceptions=False)


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    from starlette.testclient import TestClient  # noqa: PLC0415 - slow to load

    from closient_export.host import Host, HostSettings, create_app  # noqa: PLC0415
    from closient_export.host.demo import take_in_demo  # noqa: PLC0415

    folder: Path = tmp_path_factory.mktemp("host")
    settings = HostSettings(folder=folder, public_url="http://testserver", processes=1)
    host = Host(settings)
    key = take_in_demo(host)
    _, other = host.keys.add("stranger")
    with TestClient(create_app(host, works=False), raise_server_exceptions=False) as client:
        yield Served(host, with_key(client, key), with_key(client, other))
