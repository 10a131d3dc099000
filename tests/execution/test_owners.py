import random
from datetime import UTC, datetime

import pytest
from export_hosts import InlineExecutor, PlainRenderer, Signer, registry_with
from hypothesis import given
from hypothesis import strategies as st

from closient_export.adapters.memory import MemoryEventSource, MemoryMasterData
from closient_export.adapters.memory_entities import MemoryEntitySource
from closient_export.adapters.memory_stores import MemoryArtifactStore, MemoryJobStore
from closient_export.errors import JobNotFoundError, RequestError
from closient_export.ids import ShortId, parse_short_id
from closient_export.jobs import LabelExportJob
from closient_export.records import JobRecord
from closient_export.requests import LabelExportRequest
from closient_export.service import ExportService, Workplace


class ListeningStore(MemoryJobStore):
    def __init__(self) -> None:
        super().__init__()
        self.asked: list[str] = []

    def get(self, owner: str, job_id: ShortId) -> JobRecord:
        self.asked.append(job_id)
        return super().get(owner, job_id)


def host() -> tuple[ExportService, ListeningStore]:
    store = ListeningStore()
    place = Workplace(
        jobs=store,
        artifacts=MemoryArtifactStore(),
        signer=Signer(),
        entities=MemoryEntitySource(),
        events=lambda _owner: MemoryEventSource(),
        master_data=lambda _owner: MemoryMasterData(),
        make_executor=InlineExecutor,
        registry=registry_with(PlainRenderer),
    )
    return ExportService(place), store


def test_ten_thousand_jobs_are_seen_by_their_owners_alone() -> None:
    service, store = host()
    request = LabelExportRequest(scope="serials", export_type="plain", file_format="txt")
    due = datetime(2026, 11, 23, tzinfo=UTC)
    owners: dict[str, str] = {}
    for number in range(10_000):
        owner = ("acme", "beta")[number % 2]
        record = JobRecord(owner=owner, job=LabelExportJob(request=request), due=due)
        store._records[owner, record.job_id] = record  # as `add` does, without looking for a key
        store._receipts[owner, record.job_id] = {}
        owners[record.job_id] = owner
    chance = random.Random(1)  # noqa: S311
    foreign = set()
    for job_id in chance.sample(sorted(owners), len(owners)):
        asker = chance.choice(["acme", "beta"])
        ask = chance.choice([service.status, service.job, service.cancel])
        if asker == owners[job_id]:
            assert ask(asker, job_id).job_id == job_id  # type: ignore[union-attr]
        else:
            with pytest.raises(JobNotFoundError) as caught:
                ask(asker, job_id)
            foreign.add(str(caught.value))
    with pytest.raises(JobNotFoundError) as absent:
        service.status("acme", "2222222222222222222222")
    assert foreign == {str(absent.value)}


def is_malformed(text: str) -> bool:
    try:
        parse_short_id(text)
    except ValueError:
        return True
    return False


malformed = st.one_of(
    st.text(max_size=40),
    st.text("23456789ABCDEFabcdef", min_size=21, max_size=23),
    st.just("z" * 22),
    st.sampled_from(["../../etc/passwd", "%00", "' OR 1=1 --", "2" * 22 + "\n"]),
).filter(is_malformed)


@given(malformed)
def test_malformed_ids_never_reach_the_store(job_id: str) -> None:
    service, store = host()
    asks = (service.status, service.job, service.cancel, service.run)
    for ask in asks:
        with pytest.raises(RequestError):
            ask("acme", job_id)
    with pytest.raises(RequestError), service.download("acme", job_id):
        pass
    assert store.asked == []
