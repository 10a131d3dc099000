"""A host with the bundled catalogue and chain, and somebody who looks at its pages."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from attrs import define, field, frozen

from closient_export.host import Host, HostLimits, HostSettings, create_app
from closient_export.host.demo import OWNER, take_in_demo
from closient_export.host.pages import previews
from pages.browsing import Visitor

ADDRESS = "http://labels.test"


@pytest.fixture(autouse=True)
def patient_previews(monkeypatch: pytest.MonkeyPatch) -> None:
    """However slow the machine is, a preview is shown."""
    monkeypatch.setattr(previews, "_SECONDS", 120.0)


@define
class Clock:
    """Stands still until it is set on."""

    now: datetime = field(factory=lambda: datetime(2027, 3, 31, 9, 30, tzinfo=UTC))

    def __call__(self) -> datetime:
        return self.now

    def passes(self, span: timedelta) -> None:
        self.now += span


@frozen(eq=False)
class Site:
    """A host, and how to visit it."""

    host: Host
    clock: Clock
    visitor: Visitor
    key: str

    def work(self) -> None:
        """Do what a worker does, until nothing is left."""
        while found := self.host.service.reconcile().resume:
            for owner, job_id in found:
                self.host.service.run(owner, job_id)

    def stranger(self, *permissions: str, owner: str = OWNER) -> Visitor:
        """Somebody else, with a key of their own, who is signed in; with no permission, a guest."""
        other = self.visitor.another()
        if permissions:
            _, text = self.host.keys.add(owner, permissions=permissions)
            other.sign_in(text)
        return other


def opened(folder: Path, limits: HostLimits | None = None) -> tuple[Host, Clock]:
    clock = Clock()
    settings = HostSettings(
        folder=folder, public_url=ADDRESS, processes=1, limits=limits or HostLimits()
    )
    return Host(settings, clock=clock), clock


@pytest.fixture(scope="module")
def shared_host(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Host, Clock, str]]:
    host, clock = opened(tmp_path_factory.mktemp("host"))
    yield host, clock, take_in_demo(host)
    host.close()


@pytest.fixture
def site(shared_host: tuple[Host, Clock, str]) -> Iterator[Site]:
    """With somebody who is signed in and may do everything."""
    host, clock, key = shared_host
    with Visitor.of(create_app(host, works=False), ADDRESS) as visitor:
        visitor.sign_in(key)
        yield Site(host, clock, visitor, key)


@pytest.fixture
def own_site(tmp_path: Path) -> Iterator[Site]:
    """With nothing in it, and small limits."""
    host, clock = opened(
        tmp_path / "host", HostLimits(upload_bytes=1_000_000, inflated_bytes=2_000_000)
    )
    _, key = host.keys.add(OWNER)
    with Visitor.of(create_app(host, works=False), ADDRESS) as visitor:
        visitor.sign_in(key)
        yield Site(host, clock, visitor, key)
