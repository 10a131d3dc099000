import errno
import inspect
import io
import os
import pickle
import re
import signal
import subprocess
import sys
import urllib.request
import zipfile
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Self
from unittest import mock

import pytest
from botocore.exceptions import ClientError
from botocore.response import StreamingBody
from object_storage import PATIENT, QUICK, Moto
from werkzeug.http import parse_options_header

from closient_export.adapters.file_artifacts import ABANDONED, FileArtifactStore
from closient_export.adapters.memory_stores import MemoryArtifactStore
from closient_export.adapters.s3_artifacts import S3ArtifactStore, S3UrlSigner
from closient_export.errors import ArtifactError, ArtifactNotFoundError
from closient_export.ports import ArtifactStore, UrlSigner
from closient_export.testing.artifact_contracts import MIB, ArtifactStoreContract, read, write

KEY = "parts/job/0-0f"
NOW = datetime.now(UTC)


class TestMemory(ArtifactStoreContract):
    streams = False
    shared = False
    checks_keys = False

    @pytest.fixture
    def store(self) -> ArtifactStore:
        return MemoryArtifactStore()


class TestFiles(ArtifactStoreContract):
    memory = 8 * MIB

    @pytest.fixture
    def store(self, tmp_path: Path) -> ArtifactStore:
        return FileArtifactStore(tmp_path / "artifacts")


def partials(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.name.endswith("~partial")]


def age(folder: Path, by: timedelta) -> None:
    moment = (NOW - by).timestamp()
    for path in partials(folder):
        os.utime(path, (moment, moment))


def test_files_are_where_they_can_be_found(tmp_path: Path) -> None:
    store = FileArtifactStore(tmp_path)
    write(store, "artifacts/job/1.zip", b"x")
    path = tmp_path / "artifacts~" / "job~" / "1.zip"
    assert path.read_bytes() == b"x"
    mask = os.umask(0)
    os.umask(mask)
    assert path.stat().st_mode & 0o777 == 0o666 & ~mask
    assert path.stat().st_nlink == 1
    store.delete("artifacts/job/1.zip")
    assert list(tmp_path.iterdir()) == []


def test_a_relative_folder_is_the_same_after_a_change_of_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    store = FileArtifactStore(Path("here"))
    monkeypatch.chdir("/")
    write(store, KEY, b"x")
    assert (tmp_path / "here").exists()


def test_what_is_not_the_stores_is_left_alone(tmp_path: Path) -> None:
    store = FileArtifactStore(tmp_path)
    (tmp_path / "lost+found").mkdir()
    (tmp_path / "plain" / "folder").mkdir(parents=True)
    (tmp_path / "link").symlink_to("/etc/passwd")
    (tmp_path / "up~").symlink_to("/etc")
    (tmp_path / "backup~").write_bytes(b"")
    assert list(store.keys("")) == []
    assert store.sweep(NOW + timedelta(days=1)) == 0
    assert len(list(tmp_path.iterdir())) == 5


def test_archives_and_text_can_be_written_and_read(tmp_path: Path) -> None:
    store = FileArtifactStore(tmp_path)
    with store.create("a.zip") as file, zipfile.ZipFile(file, "w") as archive:
        archive.writestr("x", "y")
    with store.open("a.zip") as file, zipfile.ZipFile(file) as archive:
        assert archive.read("x") == b"y"
        assert file.fileno() > 2
    with store.create("a.txt") as file, io.TextIOWrapper(file) as text:
        text.write("closed by the block")
    assert read(store, "a.txt") == b"closed by the block"


def test_what_is_written_after_the_end_goes_nowhere(tmp_path: Path) -> None:
    store = FileArtifactStore(tmp_path)
    with store.create("a") as file:
        file.write(b"in time")
    with pytest.raises(ValueError, match="closed"):
        file.write(b"late")
    assert read(store, "a") == b"in time"


# Every system call that a store makes fails, one after the other.

CALLS = ("mkdir", "open", "write", "fsync", "link", "close", "unlink")


class Faults:
    """Counts system calls below a store, and does something instead of one of them."""

    def __init__(self, at: int = -1, fault: Callable[[], Any] = bool) -> None:
        self.calls: list[str] = []
        self._at = at
        self._fault = fault
        self._patches = [mock.patch.object(os, name, self._counted(name)) for name in CALLS]

    def _counted(self, name: str) -> Callable[..., Any]:
        real = getattr(os, name)

        def counted(*args: Any, **options: Any) -> Any:
            self.calls.append(name)
            if len(self.calls) - 1 == self._at:
                self._fault()
            return real(*args, **options)

        return counted

    def __enter__(self) -> Self:
        for patch in self._patches:
            patch.start()
        return self

    def __exit__(self, *_: object) -> None:
        for patch in self._patches:
            patch.stop()


def write_in_steps(store: ArtifactStore, *, pause: Callable[[], object] = bool) -> None:
    with store.create(KEY) as file:
        for _ in range(3):
            file.write(bytes(MIB))
            pause()


def outcome(store: ArtifactStore) -> ArtifactError | None:
    try:
        write_in_steps(store)
    except ArtifactError as error:
        return error
    return None


WHOLE = bytes(3 * MIB)


def calls_of_a_write(folder: Path) -> list[str]:
    with Faults() as counted:
        write_in_steps(FileArtifactStore(folder))
    return counted.calls


def test_the_steps_of_a_write(tmp_path: Path) -> None:
    calls = calls_of_a_write(tmp_path)
    shown = re.sub(r"(write )+", "write… ", " ".join(calls) + " ")
    folders = "open fsync close " * 3
    assert re.fullmatch(
        rf"(mkdir )+open write… fsync close link unlink {folders}(unlink )?", shown
    ), shown


def raising(error: BaseException) -> Callable[[], None]:
    def fault() -> None:
        raise error

    return fault


@pytest.mark.parametrize(
    ("number", "retryable"),
    [(errno.ENOSPC, True), (errno.EDQUOT, True), (errno.EIO, True), (errno.EACCES, False)],
)
def test_a_fault_at_any_step_leaves_nothing_partial(
    tmp_path: Path, number: int, *, retryable: bool
) -> None:
    steps = calls_of_a_write(tmp_path / "calm")
    failed = []
    for step, name in enumerate(steps):
        folder = tmp_path / f"{step}"
        store = FileArtifactStore(folder)
        visible = steps.index("link") < step
        error = OSError(number, os.strerror(number))
        with Faults(step, raising(error)):
            caught = outcome(store)
        if caught is None:
            assert name in {"unlink", "close"}
        else:
            failed.append(name)
            assert caught.retryable is retryable
            assert str(caught) == f"the artifact '{KEY}' cannot be written: {os.strerror(number)}"
            assert caught.__cause__ is error
            assert list(store.keys("")) == ([KEY] if visible else []), (step, name)
        assert read(store, KEY) in ([WHOLE] if visible else [None, WHOLE])
        write_in_steps(store)
        assert read(store, KEY) == WHOLE
        age(folder, 2 * ABANDONED)
        store.sweep(NOW)
        assert partials(folder) == []
        assert list(store.keys("")) == [KEY]
    assert {"open", "write", "fsync", "link", "mkdir", "close"} <= set(failed)


def test_an_interrupt_at_any_step_leaves_nothing_partial(tmp_path: Path) -> None:
    steps = calls_of_a_write(tmp_path / "calm")
    for step in range(len(steps)):
        folder = tmp_path / f"{step}"
        store = FileArtifactStore(folder)
        with pytest.raises(KeyboardInterrupt), Faults(step, raising(KeyboardInterrupt())):
            write_in_steps(store)
        assert read(store, KEY) in (None, WHOLE)
        write_in_steps(store)
        assert read(store, KEY) == WHOLE


def test_an_error_that_the_block_swallows_is_not_forgotten(tmp_path: Path) -> None:
    store = FileArtifactStore(tmp_path / "store")
    step = calls_of_a_write(tmp_path / "calm").index("write")

    def go_on() -> None:
        with store.create(KEY) as file:
            with pytest.raises(ArtifactError, match="full"):
                file.write(bytes(MIB))
            file.write(b"and on")

    full = raising(OSError(errno.ENOSPC, "full"))
    with pytest.raises(ArtifactError, match="full"), Faults(step, full):
        go_on()
    assert list(store.keys("")) == []


def test_errors_of_the_block_are_its_own(tmp_path: Path) -> None:
    store = FileArtifactStore(tmp_path)
    with pytest.raises(FileNotFoundError, match="other"), store.create("a"):
        raise FileNotFoundError("some other file")
    assert list(tmp_path.iterdir()) == []


def test_a_file_system_without_links_is_said(tmp_path: Path) -> None:
    store = FileArtifactStore(tmp_path / "store")
    step = calls_of_a_write(tmp_path / "calm").index("link")
    with (
        pytest.raises(ArtifactError, match="has no hard links") as caught,
        Faults(step, raising(OSError(errno.EPERM, "not permitted"))),
    ):
        write_in_steps(store)
    assert not caught.value.retryable


def test_folders_that_are_removed_meanwhile_are_made_again(tmp_path: Path) -> None:
    steps = calls_of_a_write(tmp_path / "calm")
    for step in range(steps.index("write")):
        gone = raising(FileNotFoundError(errno.ENOENT, "removed"))
        store = FileArtifactStore(tmp_path / str(step))
        with Faults(step, gone):
            write_in_steps(store)
        assert read(store, KEY) == WHOLE


def test_a_file_in_place_of_the_folder(tmp_path: Path) -> None:
    store = FileArtifactStore(tmp_path / "file")
    (tmp_path / "file").write_bytes(b"")
    for use in (store.create, store.open):
        with pytest.raises(ArtifactError, match="cannot be"), use(KEY):
            pass
    with pytest.raises(ArtifactError, match="cannot be listed"):
        list(store.keys(""))
    with pytest.raises(ArtifactError, match="cannot be deleted"):
        store.delete(KEY)


SOURCES = "\n".join(inspect.getsource(each) for each in (Faults, write_in_steps, outcome))


def child(code: str, folder: Path) -> subprocess.CompletedProcess[str]:
    """Run what writes in a process of its own."""
    script = "\n".join(
        (
            "import os, resource, signal",
            "from collections.abc import Callable",
            "from pathlib import Path",
            "from typing import Any, Self",
            "from unittest import mock",
            "from closient_export.adapters.file_artifacts import FileArtifactStore",
            "from closient_export.errors import ArtifactError",
            "from closient_export.ports import ArtifactStore",
            f"KEY, MIB, CALLS = {KEY!r}, {MIB}, {CALLS!r}",
            SOURCES,
            f"store = FileArtifactStore(Path({str(folder)!r}))",
            code,
        )
    )
    return subprocess.run(
        [sys.executable, "-c", script], check=False, capture_output=True, text=True
    )


def test_a_kill_at_any_step_leaves_nothing_partial(tmp_path: Path) -> None:
    steps = calls_of_a_write(tmp_path / "calm")
    chosen = [step for step, name in enumerate(steps) if steps[step - 1 : step] != [name]]

    def killed(step: int) -> int:
        code = f"with Faults({step}, lambda: os.kill(os.getpid(), signal.SIGKILL)):\n"
        return child(f"{code}    write_in_steps(store)", tmp_path / f"{step}").returncode

    with ThreadPoolExecutor(8) as pool:
        assert set(pool.map(killed, chosen)) == {-signal.SIGKILL}
    for step in chosen:
        folder = tmp_path / f"{step}"
        store = FileArtifactStore(folder)
        linked = steps.index("link") < step
        assert list(store.keys("")) == ([KEY] if linked else [])
        left = len(partials(folder))
        assert store.sweep(NOW) == 0
        age(folder, ABANDONED * 2)
        assert store.sweep(NOW) == left
        assert partials(folder) == []
        if not linked:
            assert not folder.exists() or list(folder.iterdir()) == []
        write_in_steps(store)
        assert read(store, KEY) == WHOLE


def test_a_file_that_grows_too_large_for_the_system(tmp_path: Path) -> None:
    limit = f"resource.setrlimit(resource.RLIMIT_FSIZE, ({MIB + MIB // 2}, -1))"
    shown = "print(error, error.retryable, list(store.keys('')), sum(map(len, os.listdir(store.folder))))"
    done = child(f"{limit}\nerror = outcome(store)\n{shown}", tmp_path)
    assert done.stdout == (
        f"the artifact '{KEY}' cannot be written: File too large False [] {len('parts~')}\n"
    ), done.stderr


def test_sweeping_takes_what_is_older_than_an_hour(tmp_path: Path) -> None:
    store = FileArtifactStore(tmp_path)
    write(store, "x/old", b"")
    os.utime(tmp_path / "x~" / "old", (0, 0))

    def write_for_hours() -> None:
        with store.create(KEY) as file:
            file.write(b"begun")
            [partial] = partials(tmp_path)
            written = datetime.fromtimestamp(partial.stat().st_mtime, UTC)
            assert store.sweep(written + ABANDONED - timedelta(seconds=1)) == 0
            assert store.sweep(written + ABANDONED + timedelta(seconds=1)) == 1

    with pytest.raises(ArtifactError, match="No such file") as caught:
        write_for_hours()
    assert caught.value.retryable
    assert list(store.keys("")) == ["x/old"]
    with pytest.raises(TypeError):
        store.sweep(datetime(2027, 1, 1))
    assert FileArtifactStore(tmp_path / "none").sweep(NOW) == 0


# S3, by moto's server in a process of its own


@pytest.fixture(scope="session")
def s3_store(moto: Moto) -> S3ArtifactStore:
    return S3ArtifactStore("exports", "acme/labels", endpoint_url=moto.url, config=PATIENT)


class TestS3(ArtifactStoreContract):
    @pytest.fixture
    def store(self, s3_store: S3ArtifactStore) -> ArtifactStore:
        return s3_store


class TestS3WithoutConditions(ArtifactStoreContract):
    @pytest.fixture
    def store(self, moto: Moto) -> ArtifactStore:
        return S3ArtifactStore(
            "exports", conditional_writes=False, endpoint_url=moto.url, config=PATIENT
        )

    test_large_files_take_little_memory = None  # type: ignore[assignment]
    test_threads_that_write_one_key = None  # type: ignore[assignment]
    test_processes_that_write_one_key = None  # type: ignore[assignment]
    test_it_behaves_like_the_store_in_memory = None  # type: ignore[assignment]


def test_objects_are_below_the_prefix(moto: Moto, s3_store: S3ArtifactStore) -> None:
    write(s3_store, "below/x", b"x")
    moto.client().put_object(Bucket="exports", Key="acme/labels/below/~other", Body=b"")
    moto.client().put_object(Bucket="exports", Key="acme/labels/below/", Body=b"")
    found = moto.client().get_object(Bucket="exports", Key="acme/labels/below/x")
    assert found["Body"].read() == b"x"
    assert list(s3_store.keys("below")) == ["below/x"]


def test_keys_go_on_after_a_page(s3_store: S3ArtifactStore) -> None:
    for number in range(7):
        write(s3_store, f"many/{number}", b"")
    asked = []

    def two_a_page(params: dict[str, Any], **_: object) -> None:
        asked.append(params)
        params["MaxKeys"] = 2

    events = s3_store._client().meta.events
    events.register("before-parameter-build.s3.ListObjectsV2", two_a_page)
    try:
        assert list(s3_store.keys("many/")) == [f"many/{number}" for number in range(7)]
    finally:
        events.unregister("before-parameter-build.s3.ListObjectsV2", two_a_page)
    assert len(asked) == 4


def uploads(moto: Moto) -> list[Any]:
    found: list[Any] = moto.client().list_multipart_uploads(Bucket="exports").get("Uploads", [])
    return found


def test_uploads_that_fail_or_come_too_late_are_aborted(
    moto: Moto, s3_store: S3ArtifactStore
) -> None:
    def fail() -> None:
        with s3_store.create("aborted/a") as file:
            file.write(bytes(9 * MIB))
            assert len(uploads(moto)) == 1
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()
    assert uploads(moto) == []
    write(s3_store, "aborted/a", b"first")
    write(s3_store, "aborted/a", bytes(9 * MIB))
    assert uploads(moto) == []


def answering(store: S3ArtifactStore, operation: str, status: int, code: str) -> Any:
    """The store's client, one of whose operations gives an error when it is asked for a condition."""
    client = store._client()
    real = getattr(client, operation)

    def answer(**request: Any) -> Any:
        if operation.startswith(("put", "complete")) and "IfNoneMatch" not in request:
            return real(**request)
        response: Any = {"Error": {"Code": code}, "ResponseMetadata": {"HTTPStatusCode": status}}
        raise ClientError(response, operation)

    return mock.patch.object(client, operation, answer)


@pytest.mark.parametrize(
    ("operation", "size"), [("put_object", 10), ("complete_multipart_upload", 9 * MIB)]
)
def test_a_store_that_has_no_conditional_writes_is_asked(
    s3_store: S3ArtifactStore, operation: str, size: int
) -> None:
    with answering(s3_store, operation, 501, "NotImplemented"):
        write(s3_store, f"old/{operation}", bytes(size))
        write(s3_store, f"old/{operation}", b"x" * size)
    assert read(s3_store, f"old/{operation}") == bytes(size)


@pytest.mark.parametrize(
    ("operation", "size"), [("put_object", 10), ("complete_multipart_upload", 9 * MIB)]
)
def test_a_conflict_is_another_writer_or_can_be_tried_again(
    moto: Moto, s3_store: S3ArtifactStore, operation: str, size: int
) -> None:
    key = f"conflict/{operation}"
    with answering(s3_store, operation, 409, "ConditionalRequestConflict"):
        with (
            mock.patch("closient_export.adapters.s3_transfers._PAUSES", (0, 0)),
            pytest.raises(ArtifactError, match="409 ConditionalRequestConflict") as caught,
        ):
            write(s3_store, key, bytes(size))
        assert caught.value.retryable
        moto.client().put_object(Bucket="exports", Key=f"acme/labels/{key}", Body=b"theirs")
        write(s3_store, key, bytes(size))
    assert read(s3_store, key) == b"theirs"
    assert uploads(moto) == []


@pytest.mark.parametrize(
    ("status", "code", "retryable"),
    [
        (503, "SlowDown", True),
        (500, "InternalError", True),
        (400, "RequestTimeout", True),
        (429, "TooManyRequests", True),
        (403, "AccessDenied", False),
        (404, "NoSuchBucket", False),
    ],
)
def test_errors_say_whether_they_pass(
    s3_store: S3ArtifactStore, status: int, code: str, *, retryable: bool
) -> None:
    wanted = f"'errors/a' cannot be {{}}: S3 answered {status} {code}"
    with answering(s3_store, "put_object", status, code):
        with pytest.raises(ArtifactError, match=wanted.format("written")) as caught:
            write(s3_store, "errors/a", b"")
        assert caught.value.retryable is retryable
    with answering(s3_store, "get_object", status, code):
        with pytest.raises(ArtifactError, match=wanted.format("read")) as caught:
            read(s3_store, "errors/a")
        assert caught.value.retryable is retryable
        assert not isinstance(caught.value, ArtifactNotFoundError)
    with (
        answering(s3_store, "delete_object", status, code),
        pytest.raises(ArtifactError, match=wanted.format("deleted")),
    ):
        s3_store.delete("errors/a")


def test_a_part_that_is_lost_is_not_forgotten(s3_store: S3ArtifactStore) -> None:
    def go_on() -> None:
        with s3_store.create("lost/a") as file:
            with (
                answering(s3_store, "upload_part", 503, "SlowDown"),
                pytest.raises(ArtifactError, match="SlowDown"),
            ):
                file.write(bytes(9 * MIB))
            file.write(b"and on")

    with pytest.raises(ArtifactError, match="SlowDown"):
        go_on()
    assert read(s3_store, "lost/a") is None


def test_a_bucket_that_is_not_there(moto: Moto) -> None:
    store = S3ArtifactStore("other", endpoint_url=moto.url, config=QUICK)
    for action in (
        lambda: write(store, "a", b""),
        lambda: read(store, "a"),
        lambda: next(store.keys("")),
    ):
        with pytest.raises(ArtifactError, match="404 NoSuchBucket") as caught:
            action()
        assert not caught.value.retryable
        assert not isinstance(caught.value, ArtifactNotFoundError)


def test_the_configuration_travels_and_the_client_does_not(s3_store: S3ArtifactStore) -> None:
    write(s3_store, "travels/a", b"x")
    twin = pickle.loads(pickle.dumps(s3_store))  # noqa: S301
    assert read(twin, "travels/a") == b"x"
    client = s3_store._client()
    assert twin._client() is client
    with mock.patch("os.getpid", return_value=-1):
        assert twin._client() is not client
    assert "secret" not in repr(S3ArtifactStore("b", "p", aws_secret_access_key="secret"))  # noqa: S106


def test_arguments_are_checked() -> None:
    for prefix in ("../x", "a//b", "x" * 121, "ä"):
        with pytest.raises(ValueError, match=r"prefix|key"):
            S3ArtifactStore("exports", prefix)
    with pytest.raises(ValueError, match="part_size: expected 5242880 or more"):
        S3ArtifactStore("exports", part_size=MIB)


def test_a_file_that_was_closed_is_kept_and_takes_no_more(s3_store: S3ArtifactStore) -> None:
    with s3_store.create("closed/a") as file:
        file.write(b"x")
        file.close()
        with pytest.raises(ValueError, match="closed"):
            file.write(b"y")
    assert read(s3_store, "closed/a") == b"x"


@pytest.mark.usefixtures("credentials")
def test_a_server_that_dies_in_the_middle(tmp_path: Path) -> None:
    server = Moto(tmp_path / "log")
    server.start()
    try:
        store = S3ArtifactStore("exports", part_size=5 * MIB, endpoint_url=server.url, config=QUICK)
        write(store, "small", bytes(9 * MIB))

        def write_while_the_server_dies() -> None:
            with store.create("large") as large:
                large.write(bytes(6 * MIB))
                assert len(uploads(server)) == 1
                server.kill()
                large.write(bytes(12 * MIB))

        with pytest.raises(ArtifactError, match="Error") as caught:
            write_while_the_server_dies()
        assert caught.value.retryable
        assert server.url not in str(caught.value)
        for action in (
            lambda: write(store, "small", b""),
            lambda: read(store, "small"),
            lambda: list(store.keys("")),
            lambda: store.delete("small"),
        ):
            with pytest.raises(ArtifactError) as caught:
                action()
            assert caught.value.retryable
        server.start()
        assert list(store.keys("")) == []
        assert read(store, "large") is None
        for _ in range(2):
            write(store, "large", bytes(18 * MIB))
        assert read(store, "large") == bytes(18 * MIB)
        assert uploads(server) == []
    finally:
        server.close()


def test_an_answer_that_is_cut_short_is_no_end(s3_store: S3ArtifactStore) -> None:
    answer = {"Body": StreamingBody(io.BytesIO(b"x" * 10), 20)}
    with (
        mock.patch.object(s3_store._client(), "get_object", return_value=answer),
        pytest.raises(ArtifactError, match="IncompleteReadError") as caught,
    ):
        read(s3_store, "cut")
    assert caught.value.retryable


@pytest.mark.usefixtures("credentials")
def test_a_killed_writer_leaves_nothing_visible(moto: Moto, s3_store: S3ArtifactStore) -> None:
    code = (
        "import sys, time; from botocore.config import Config\n"
        "from closient_export.adapters.s3_artifacts import S3ArtifactStore\n"
        f"store = S3ArtifactStore('exports', 'acme/labels', endpoint_url={moto.url!r})\n"
        "with store.create('killed') as file:\n"
        "    file.write(bytes(9 << 20))\n"
        "    print('sent', flush=True)\n"
        "    time.sleep(60)\n"
    )
    with subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE) as child:
        assert child.stdout is not None
        assert child.stdout.readline() == b"sent\n"
        child.kill()
    assert read(s3_store, "killed") is None
    [left] = uploads(moto)
    write(s3_store, "killed", b"again")
    assert read(s3_store, "killed") == b"again"
    moto.client().abort_multipart_upload(
        Bucket="exports", Key=left["Key"], UploadId=left["UploadId"]
    )


def test_addresses_of_s3_save_files(moto: Moto, s3_store: S3ArtifactStore) -> None:
    signer: UrlSigner = S3UrlSigner("exports", "acme/labels", endpoint_url=moto.url, config=QUICK)
    write(s3_store, "signed/1.zip", b"content")

    def sign(lifetime: timedelta) -> str:
        return signer.sign(
            "signed/1.zip",
            owner="acme",
            filename='Étiquettes "7"\r\nX: y.zip',
            media_type="application/zip",
            expires_at=datetime.now(UTC) + lifetime,
        )

    begun = datetime.now(UTC)
    url = sign(timedelta(minutes=15))
    taken = datetime.now(UTC) - begun
    assert url.startswith(f"{moto.url}/exports/acme/labels/signed/1.zip?")
    assert "X-Amz-Algorithm=AWS4-HMAC-SHA256" in url
    [seconds] = re.findall(r"X-Amz-Expires=(\d+)\b", url)
    whole = timedelta(seconds=1)
    assert timedelta(minutes=15) - taken - whole < timedelta(seconds=int(seconds))
    assert int(seconds) <= 15 * 60
    with urllib.request.urlopen(url) as answer:  # noqa: S310
        assert answer.read() == b"content"
        assert answer.headers["Content-Type"] == "application/zip"
        assert answer.headers["Cache-Control"] == "private, no-store"
        disposition, options = parse_options_header(answer.headers["Content-Disposition"])
    assert (disposition, options["filename"]) == ("attachment", "Étiquettes _7___X_ y.zip")
    for wrong in (timedelta(0), timedelta(seconds=-1), timedelta(days=8)):
        with pytest.raises(ValueError, match="within seven days"):
            sign(wrong)


def test_without_credentials_nothing_is_signed(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_PROFILE"):
        monkeypatch.delenv(name, raising=False)
    for name in ("AWS_CONFIG_FILE", "AWS_SHARED_CREDENTIALS_FILE"):
        monkeypatch.setenv(name, os.devnull)
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    signer = S3UrlSigner("exports", region_name="eu-central-1")
    with pytest.raises(ArtifactError, match="NoCredentialsError"):
        signer.sign(
            "a",
            owner="acme",
            filename="a",
            media_type="text/plain",
            expires_at=datetime.now(UTC) + timedelta(hours=1),
        )
