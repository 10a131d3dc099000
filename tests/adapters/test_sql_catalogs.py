import gzip
import json
import os
import sqlite3
import subprocess
import sys
import threading
from importlib.resources import files
from pathlib import Path

import pytest
from test_cli import CLI, refused, run

DEMO = Path(str(files("closient_export") / "demo"))
CHAIN = sorted((DEMO / "chain").glob("*.jsonld"))
MASTER_DATA = DEMO / "chain" / "master_data.json"
LOT, LOT_ID = "(01)10614141003034(10)CK26090", "MMr86QwRRjvDGR6MjGRNdQ"
LOTS = f"gtin,lot,serial,id\n10614141003034,CK26090,,{LOT_ID}\n10614141003034,CK26090,1,\n"
LABELS = ["--scope", "serials", "--type", "qr_codes", "--format", "svg"]


def done(folder: Path, *arguments: str | Path) -> list[str]:
    """What a command prints when all is well."""
    process = run(folder, *arguments)
    assert process.returncode == 0, process
    return process.stdout.splitlines()


@pytest.fixture
def catalog(tmp_path: Path) -> Path:
    assert done(tmp_path, "init", "c.db") == ["c.db: an empty catalogue"]
    return tmp_path / "c.db"


def test_a_catalogue_is_made_once(catalog: Path) -> None:
    before = catalog.read_bytes()
    assert done(catalog.parent, "init", "c.db") == ["c.db: a catalogue already"]
    assert catalog.read_bytes() == before
    assert os.listdir(catalog.parent) == ["c.db"]  # noqa: PTH208


def test_what_is_no_catalogue_is_refused(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text(LOTS)
    connection = sqlite3.connect(tmp_path / "other.db")
    connection.execute("CREATE TABLE t (x)")
    connection.close()
    other = (tmp_path / "other.db").read_bytes()
    assert "is another file: expected a name that is free" in refused(tmp_path, "init", "a.csv")
    assert "unable to open" in refused(tmp_path, "init", "nowhere/c.db")
    assert "c.db is not there: make one with `closient-export init c.db`" in refused(
        tmp_path, "import", "c.db", "a.csv"
    )
    assert "a.csv is no catalogue" in refused(tmp_path, "import", "a.csv", "other.db")
    for command in (
        ["init", "other.db"],
        ["import", "other.db", "a.csv"],
        ["labels", "other.db", *LABELS, "--out", "x.zip"],
        ["trace", "other.db", "--out", "x.xlsx"],
    ):
        assert "a SQLite database of something else" in refused(tmp_path, *command)
    assert (tmp_path / "other.db").read_bytes() == other
    broken = tmp_path / "broken.db"
    broken.write_bytes(b"SQLite format 3\0" + b"x" * 5000)
    assert "broken.db: " in refused(tmp_path, "import", "broken.db", "a.csv")


def test_files_are_told_apart_by_what_they_hold(catalog: Path) -> None:
    folder = catalog.parent
    (folder / "lots").write_text("\ufeff" + LOTS)
    (folder / "places").write_text('"id","phone"\nhttps://id.gs1.org/414/0614141000005,+1\n')
    (folder / "named").write_text("product_name,variety,id\nKale,Curly,urn:x:1\n")
    (folder / "things").write_bytes(MASTER_DATA.read_bytes())
    event = json.loads(CHAIN[0].read_text())["epcisBody"]["eventList"][0]
    (folder / "event").write_text(f"\n  {json.dumps(event)}")
    (folder / "events").write_bytes(gzip.compress(CHAIN[0].read_bytes()))
    (folder / "list").write_text(" " * 1000 + json.dumps([event]))
    names = ["lots", "places", "named", "things", "event", "events", "list"]
    assert done(folder, "import", "c.db", *names) == [
        "lots: 1 lot, 1 serial; 2 new",
        "places: 1 place, 0 products; 1 new",
        "named: 0 places, 1 product; 1 new",
        "things: 27 places, 11 products; 38 new",
        "event: 1 event; 1 new",
        "events: 2 events, 5 places, 1 product; 7 new",
        "list: 1 event; 0 new",
    ]
    (folder / "more").write_text("gtin,lot,serial,brand\n10614141003034,CK26090,1,Acme\n")
    assert done(folder, "import", "c.db", "more") == ["more: 1 serial; 0 new, 1 changed"]


def test_importing_again_changes_nothing(catalog: Path) -> None:
    folder = catalog.parent
    everything: list[str | Path] = ["import", "c.db", DEMO / "catalog.csv", *CHAIN, MASTER_DATA]
    first = done(folder, *everything)
    assert first[0].endswith("catalog.csv: 42 lots, 224 serials; 266 new")
    before = rows_of(catalog)
    again = done(folder, *everything)
    assert [line.partition(";")[0] for line in again] == [line.partition(";")[0] for line in first]
    assert all(line.endswith("; 0 new") for line in again)
    assert rows_of(catalog) == before


def rows_of(catalog: Path) -> list[str]:
    connection = sqlite3.connect(catalog)
    dump = [line for line in connection.iterdump() if "sqlite_sequence" not in line]
    connection.close()
    return dump


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("bad.csv", f"{LOTS}123,A,,\n", "bad.csv, line 4 (row 3): gtin"),
        ("bad.json", CHAIN[0].read_text()[:-200], "bad.json"),
        ("bad.md.json", '{"places": [{"id": "urn:x:1"}, {"id": 7}]}', "places[1].id"),
        ("any.json", '{"a": 1}', "expected 'places' and 'products'"),
        ("any.csv", "a,b\n1,2\n", "unknown columns 'a', 'b'"),
        ("empty", "", "is empty"),
    ],
    ids=lambda value: value if len(value) < 12 else "",
)
def test_a_file_is_taken_whole_or_not_at_all(
    catalog: Path, name: str, content: str, message: str
) -> None:
    folder = catalog.parent
    (folder / "good.csv").write_text(LOTS)
    (folder / name).write_text(content)
    process = run(folder, "import", "c.db", "good.csv", name)
    assert process.returncode == 2
    assert process.stdout == "good.csv: 1 lot, 1 serial; 2 new\n"
    assert message in process.stderr
    assert "Traceback" not in process.stderr
    connection = sqlite3.connect(catalog)
    for table, count in (("entities", 2), ("events", 0), ("event_names", 0), ("descriptions", 0)):
        query = f"SELECT count(*) FROM closient_{table}"  # noqa: S608
        assert connection.execute(query).fetchone() == (count,)
    connection.close()


def test_labels_are_those_of_the_csv_and_printing_is_remembered(catalog: Path) -> None:
    folder = catalog.parent
    done(folder, "import", "c.db", DEMO / "catalog.csv")
    for source, out in (("c.db", "a.zip"), (DEMO / "catalog.csv", "b.zip")):
        done(folder, "labels", source, *LABELS, "--manifest", f"{out}.csv", "--out", out)
    assert (folder / "a.zip").read_bytes() == (folder / "b.zip").read_bytes()
    assert (folder / "a.zip.csv").read_bytes() == (folder / "b.zip.csv").read_bytes()
    never = ["--filter", "never_printed=true", "--out", "c.zip"]
    rest = run(folder, "labels", "c.db", *LABELS, *never)
    assert rest.returncode == 1
    assert "None of the 6 items can be drawn" in rest.stderr  # those that never could be
    (folder / "more.csv").write_text("gtin,lot,serial\n10614141003034,A,new\n")
    done(folder, "import", "c.db", "more.csv")
    assert done(folder, "labels", "c.db", *LABELS, *never)[0].startswith("c.zip: 1 label, ")
    assert run(folder, "labels", "c.db", *LABELS, *never).returncode == 1
    assert "another file than that of CATALOG" in refused(
        folder, "labels", "c.db", *LABELS, "--out", "c.db"
    )


def test_a_trace_is_that_of_the_files(catalog: Path) -> None:
    folder = catalog.parent
    (folder / "lots.csv").write_text(LOTS)
    done(folder, "import", "c.db", *CHAIN[::-1], MASTER_DATA, "lots.csv")
    done(folder, "trace", *CHAIN, "--master-data", MASTER_DATA, "--lot", LOT, "--out", "files.xlsx")
    for lot in (LOT, LOT_ID):
        process = run(folder, "trace", "c.db", "--lot", lot, "--out", "catalog.xlsx")
        assert process.stderr.splitlines() == ["84 events in the catalogue", "findings: 2 warnings"]
        assert (folder / "catalog.xlsx").read_bytes() == (folder / "files.xlsx").read_bytes()
    checks = [run(folder, "check", *source) for source in (["c.db"], [*CHAIN])]
    assert checks[0].stdout != checks[1].stdout  # the files came without descriptions here
    checks[1] = run(folder, "check", *CHAIN, "--master-data", MASTER_DATA)
    assert checks[0].stdout == checks[1].stdout
    assert checks[0].returncode == checks[1].returncode


def test_master_data_that_is_given_counts_first(catalog: Path) -> None:
    folder = catalog.parent
    done(folder, "import", "c.db", *CHAIN, MASTER_DATA)
    renamed = MASTER_DATA.read_text().replace("Salad", "Other")
    (folder / "renamed.json").write_text(renamed)
    given = ["--master-data", "renamed.json", "--lot", LOT, "--out"]
    done(folder, "trace", "c.db", *given, "a.xlsx")
    done(folder, "trace", *CHAIN, *given, "b.xlsx")
    assert (folder / "a.xlsx").read_bytes() == (folder / "b.xlsx").read_bytes()


def test_what_cannot_be_traced_is_refused(catalog: Path) -> None:
    folder = catalog.parent
    done(folder, "import", "c.db", CHAIN[0])
    out = ["--out", "x.xlsx"]
    assert f"no lot of c.db has the id {LOT_ID}" in refused(
        folder, "trace", "c.db", "--lot", LOT_ID, *out
    )
    assert "expected a lot as a Digital Link" in refused(
        folder, "trace", CHAIN[0], "--lot", LOT_ID, *out
    )
    assert "a catalogue goes alone" in refused(folder, "trace", "c.db", CHAIN[0], *out)
    assert "another file than that of EVENTS" in refused(folder, "trace", "c.db", "--out", "c.db")


def test_a_pipe_can_be_imported(catalog: Path) -> None:
    pipe = catalog.parent / "pipe"
    os.mkfifo(pipe)
    writer = threading.Thread(target=pipe.write_text, args=(LOTS,))
    writer.start()
    assert done(catalog.parent, "import", "c.db", "pipe") == ["pipe: 1 lot, 1 serial; 2 new"]
    writer.join()


def test_two_imports_at_once_wait_for_each_other(catalog: Path) -> None:
    commands = [
        [*CLI, "import", "c.db", str(path)] for path in (CHAIN[0], DEMO / "catalog.csv") * 2
    ]
    running = [subprocess.Popen(each, cwd=catalog.parent) for each in commands]
    assert [process.wait(300) for process in running] == [0, 0, 0, 0]
    assert os.listdir(catalog.parent) == ["c.db"]  # noqa: PTH208


def test_the_command_line_says_which_extra_it_needs(tmp_path: Path) -> None:
    code = (
        "import sys; sys.modules['sqlalchemy'] = None; from closient_export.cli import run; run()"
    )
    process = subprocess.run(
        [sys.executable, "-c", code, "init", "c.db"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    assert process.returncode == 2
    assert process.stderr == (
        "Error: catalogues need sqlalchemy: pip install 'closient-export[cli]'\n"
    )


def test_other_commands_do_not_load_the_database() -> None:
    code = "import sys, closient_export.cli; print('sqlalchemy' in sys.modules)"
    process = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    )
    assert process.stdout == "False\n"
