import gzip
import json
import os
import signal
import subprocess
import sys
import textwrap
import time
from importlib.resources import files
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest
from openpyxl import load_workbook
from test_cli import ACME, ACME_POINTS, CLI, NOT_MEASURED, add_plugin, refused, run

CHAIN = Path(str(files("closient_export") / "demo" / "chain"))
EVENTS = sorted(CHAIN.glob("*.jsonld"))
MASTER_DATA = CHAIN / "master_data.json"
LOT = "(01)10614141003034(10)CK26090"
LINK = "https://id.gs1.org/01/10614141003034/10/CK26090"


def document(*events: dict[str, object]) -> str:
    return json.dumps(
        {
            "@context": ["https://ref.gs1.org/standards/epcis/epcis-context.jsonld"],
            "type": "EPCISDocument",
            "schemaVersion": "2.0",
            "creationDate": "2026-04-01T00:00:00Z",
            "epcisBody": {"eventList": events},
        }
    )


def shipping(lot: str = LINK, **changes: object) -> dict[str, object]:
    return {
        "type": "ObjectEvent",
        "eventID": "urn:uuid:0ee1c1a5-5e2e-4f8a-9d0c-6b1c6dfe8a01",
        "eventTime": "2026-04-01T08:00:00Z",
        "eventTimeZoneOffset": "-07:00",
        "action": "OBSERVE",
        "bizStep": "shipping",
        "quantityList": [{"epcClass": lot, "quantity": 5, "uom": "CS"}],
        **changes,
    }


def test_trace_writes_the_workbook_and_the_pictures(tmp_path: Path) -> None:
    outputs = ["--picture", "lot.svg", "--dot", "lot.dot", "--json", "lot.json"]
    options: list[str | Path] = ["--lot", LOT, "--master-data", MASTER_DATA, *outputs]
    done = run(tmp_path, "trace", *EVENTS, *options, "--out", "lot.xlsx")
    assert done.returncode == 0, done
    assert done.stdout.splitlines() == [
        "lot.xlsx: 12 lots, 46 rows",
        "lot.svg: the lots' genealogy",
        "lot.dot: the lots' genealogy",
        "lot.json: the lots' genealogy",
    ]
    assert done.stderr.splitlines() == ["91 events read", "findings: 2 warnings"]
    book = load_workbook(tmp_path / "lot.xlsx")
    assert book.sheetnames == [
        "Harvesting",
        "Cooling",
        "Initial Packing",
        "First Land-Based Receiving",
        "Shipping",
        "Receiving",
        "Transformation",
        "About This Export",
        "Lots",
        "Lot Genealogy",
        "Recall Scope",
        "Findings",
        "Locations",
        "Products",
        "Excluded Events",
    ]
    svg = ET.parse(tmp_path / "lot.svg").getroot()  # noqa: S314 - our own
    assert svg.tag == "{http://www.w3.org/2000/svg}svg"
    assert (tmp_path / "lot.dot").read_text().startswith("digraph")
    assert len(json.loads((tmp_path / "lot.json").read_text())["lots"]) == 12


@pytest.mark.parametrize(
    "lot", [LINK, "https://example.com/01/10614141003034/10/CK26090?17=260412", LOT]
)
@pytest.mark.parametrize("order", [1, -1])
def test_no_form_of_the_lot_and_no_order_of_the_files_changes_a_byte(
    tmp_path: Path, lot: str, order: int
) -> None:
    options: list[str | Path] = ["--lot", lot, "--master-data", MASTER_DATA, "--out", "lot.xlsx"]
    assert run(tmp_path, "trace", *EVENTS[::order], *options).returncode == 0
    reference = _reference(tmp_path)
    assert (tmp_path / "lot.xlsx").read_bytes() == reference


def _reference(folder: Path) -> bytes:
    options: list[str | Path] = [
        "--lot",
        LOT,
        "--master-data",
        MASTER_DATA,
        "--out",
        "reference.xlsx",
    ]
    assert run(folder, "trace", *EVENTS, *options).returncode == 0
    return (folder / "reference.xlsx").read_bytes()


def test_directions_and_products(tmp_path: Path) -> None:
    def lots(*options: str) -> str:
        done = run(tmp_path, "trace", *EVENTS, *options, "--out", "lot.xlsx")
        assert done.returncode == 0, done
        return done.stdout.split(": ", 1)[1].strip()

    harvested = "https://id.gs1.org/01/09521160200075/10/R3N-0324"
    assert lots("--lot", harvested, "--direction", "backward").startswith("1 lot,")
    assert lots("--lot", harvested, "--direction", "forward").startswith("7 lots,")
    assert lots("--lot", harvested, "--direction", "forward", "--max-hops", "1").startswith(
        "3 lots"
    )
    product = ("--product", "19521183010405", "--direction", "backward")
    assert lots(*product).startswith("6 lots,")
    assert lots(*product, "--since", "2026-03-24", "--until", "2026-03-24").startswith("2 lots,")
    assert lots().startswith("15 lots,")


def test_documents_may_be_packed(tmp_path: Path) -> None:
    (tmp_path / "events.json.gz").write_bytes(gzip.compress(document(shipping()).encode()))
    done = run(tmp_path, "trace", "events.json.gz", "--lot", LOT, "--out", "lot.xlsx")
    assert done.returncode == 0, done
    assert done.stdout == "lot.xlsx: 1 lot, 1 row\n"


def test_check_says_what_is_missing_and_writes_nothing(tmp_path: Path) -> None:
    (tmp_path / "events.json").write_text(document(shipping()))
    done = run(tmp_path, "check", "events.json")
    assert done.returncode == 1, done
    heading, *lines = [line.split("\t") for line in done.stdout.splitlines()]
    assert heading[:2] == ["Severity", "Finding"]
    assert all(len(line) == len(heading) for line in lines)
    assert heading[-1] == "Where in the workbook"
    where = {line[1]: line[-1] for line in lines}
    assert where["missing-product"] == "Shipping, row 2, columns D, H to I"
    assert {line[1] for line in lines if line[0] == "error"} == {
        "missing-element",
        "missing-product",
        "source-missing",
    }
    assert done.stderr.splitlines()[-1].startswith("1 lot, 0 of 1 row complete; findings: ")
    assert [path.name for path in tmp_path.iterdir()] == ["events.json"]


def test_check_of_a_chain_without_gaps_succeeds(tmp_path: Path) -> None:
    done = run(tmp_path, "check", *EVENTS, "--lot", LOT, "--master-data", MASTER_DATA)
    assert done.returncode == 0, done
    assert [line.split("\t")[1] for line in done.stdout.splitlines()] == [
        "Finding",
        "not-received",
        "quantity-differs",
    ]
    assert done.stderr.splitlines()[-1] == ("12 lots, 46 of 46 rows complete; findings: 2 warnings")


def test_a_tolerance_lets_small_differences_pass(tmp_path: Path) -> None:
    options: list[str | Path] = [
        "--lot",
        LOT,
        "--master-data",
        MASTER_DATA,
        "--quantity-tolerance",
        "0.2",
    ]
    done = run(tmp_path, "check", *EVENTS, *options)
    assert [line.split("\t")[1] for line in done.stdout.splitlines()] == ["Finding", "not-received"]


def test_lenient_lists_what_it_cannot_read(tmp_path: Path) -> None:
    bad = shipping(eventTime="yesterday", eventID="urn:uuid:bad")
    (tmp_path / "events.json").write_text(document(shipping(), bad))
    sentence = (
        "events.json, event 1 ('urn:uuid:bad'): eventTime: expected a time with its zone as "
        "2027-03-31T09:30:00Z, got 'yesterday'"
    )
    options = ["--lot", LOT, "--out", "lot.xlsx"]
    assert refused(tmp_path, "trace", "events.json", *options) == f"Error: {sentence}"
    done = run(tmp_path, "trace", "events.json", *options, "--lenient")
    assert done.returncode == 0, done
    assert done.stderr.splitlines()[0] == "1 event read, 1 refused"
    book = load_workbook(tmp_path / "lot.xlsx")
    assert sentence in book["Excluded Events"]["A2"].value
    assert f"{sentence}." in [cell.value for cell in book["Findings"]["I"]]


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        (["none.json", "--lot", LOT], "none.json: No such file or directory"),
        (["empty.json", "--lot", LOT], "expected an EPCIS document, got nothing"),
        (["text.json", "--lot", LOT], "expected"),
        (["events.json", "--lot", "CK26090"], "expected a lot as a Digital Link"),
        (["events.json", "--lot", "https://id.gs1.org/01/10614141003034"], "expected a lot"),
        (["events.json", "--product", "123"], "expected a GTIN or the URI of a product"),
        (["events.json", "--lot", LOT, "--since", "2026-01-01"], "go with --product"),
        (
            ["events.json", "--since", "2026-02-01", "--until", "2026-01-01"],
            "--since is later than --until",
        ),
        (["events.json", "--exempt", "foo"], "expected a GLN, or the URI of a place or party"),
        (["events.json", "--direction", "up"], "'up' is not one of"),
        (["events.json", "--lot", LOT, "--format", "pdf"], "expected one of xlsx, got 'pdf'"),
        (["events.json", "--lot", LOT, "--picture", "lot.xlsx"], "expected another file"),
        (["events.json", "--lot", LOT, "--master-data", "text.json"], "text.json"),
        (["--lot", LOT], "Missing argument 'EVENTS...'"),
    ],
)
def test_bad_input_is_answered_in_one_sentence(
    tmp_path: Path, arguments: list[str], expected: str
) -> None:
    (tmp_path / "events.json").write_text(document(shipping()))
    (tmp_path / "empty.json").write_text("")
    (tmp_path / "text.json").write_text("hello")
    assert expected in refused(tmp_path, "trace", *arguments, "--out", "lot.xlsx")


def test_the_name_of_the_output_says_its_format(tmp_path: Path) -> None:
    (tmp_path / "events.json").write_text(document(shipping()))
    said = refused(tmp_path, "trace", "events.json", "--lot", LOT, "--out", "lot.csv")
    assert "expected a name that ends in .xlsx, or --format; got 'lot.csv'" in said
    options = ["--lot", LOT, "--out", "lot.bin", "--format", "xlsx"]
    assert run(tmp_path, "trace", "events.json", *options).returncode == 0


def test_lots_that_are_not_found_are_counted_apart(tmp_path: Path) -> None:
    (tmp_path / "events.json").write_text(document(shipping()))
    options = ["--lot", LOT, "--lot", f"{LINK}-other", "--out", "lot.xlsx"]
    done = run(tmp_path, "trace", "events.json", *options)
    assert done.stdout == "lot.xlsx: 1 lot, 1 row, 1 lot not found\n"


def test_a_gln_is_exempt_as_location_and_as_party(tmp_path: Path) -> None:
    source = [{"type": "owning_party", "source": "https://id.gs1.org/417/9506000000006"}]
    event = shipping(bizStep="receiving", sourceList=source)
    (tmp_path / "events.json").write_text(document(event))
    options = ["--lot", LOT, "--out", "lot.xlsx", "--exempt", "9506000000006"]
    assert run(tmp_path, "trace", "events.json", *options).returncode == 0
    assert load_workbook(tmp_path / "lot.xlsx").sheetnames[0] == "Receiving From Exempt"


def test_a_lot_that_no_event_names_is_a_failure(tmp_path: Path) -> None:
    (tmp_path / "events.json").write_text(document(shipping()))
    other = "https://id.gs1.org/01/10614141003034/10/OTHER"
    done = run(tmp_path, "trace", "events.json", "--lot", other, "--out", "lot.xlsx")
    assert done.returncode == 1
    assert done.stderr.splitlines()[-1] == ("Failed: No event names (01)10614141003034(10)OTHER.")
    assert not (tmp_path / "lot.xlsx").exists()


def test_what_is_interrupted_leaves_nothing(tmp_path: Path) -> None:
    lots = [f"https://id.gs1.org/01/10614141003034/10/{n}" for n in range(30_000)]
    events = [
        shipping(lot, eventID=f"urn:uuid:{number}", bizStep="receiving")
        for number, lot in enumerate(lots)
    ]
    (tmp_path / "events.json").write_text(document(*events))
    process = subprocess.Popen(
        [*CLI, "trace", "events.json", "--out", "lot.xlsx"],
        cwd=tmp_path,
        env=NOT_MEASURED | {"PYTHONUNBUFFERED": "1"},
        stderr=subprocess.PIPE,
        text=True,
    )
    deadline = time.monotonic() + 300
    while not list(tmp_path.glob(".export-*")) and time.monotonic() < deadline:
        assert process.poll() is None
        time.sleep(0.01)
    process.send_signal(signal.SIGTERM)
    _, said = process.communicate(timeout=300)
    assert process.returncode == 130, said
    assert said.splitlines()[-1] == "Interrupted; nothing half-written is left."
    assert [path.name for path in tmp_path.iterdir()] == ["events.json"]


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
@pytest.mark.parametrize("where", ["an import", "a finalizer", "an error of a library"])
def test_an_interrupt_is_not_lost_in(where: str, number: signal.Signals, tmp_path: Path) -> None:
    points = """
        [closient_export.trace_writers]
        acme = acme_labels:Writer
    """
    writer = f"""
        import os
        import time

        from closient_export.plugins import TRACE_WRITER_API

        class Writer:
            api_version = TRACE_WRITER_API
            media_type = "text/plain"
            extension = "acme"

            def write(self, report, out):
                where = {where!r}
                if where == "an import":
                    import acme_swallowing
                elif where == "a finalizer":
                    Finalized()
                else:
                    try:
                        interrupt()
                    except BaseException:
                        raise TypeError
                time.sleep(60)

        class Finalized:
            def __del__(self):
                interrupt()

        def interrupt():
            os.kill(os.getpid(), {number:d})
            time.sleep(0)
    """
    swallowing = """
        from acme_labels import interrupt

        try:
            interrupt()
        except BaseException:
            pass
    """
    add_plugin(tmp_path, points, writer)
    (tmp_path / "acme_swallowing.py").write_text(textwrap.dedent(swallowing))
    (tmp_path / "events.json").write_text(document(shipping()))
    before = {path.name for path in tmp_path.iterdir()}
    done = run(tmp_path, "trace", "events.json", "--out", "lot.acme")
    assert done.returncode == 130, done
    assert done.stderr.splitlines()[-1] == "Interrupted; nothing half-written is left."
    assert {path.name for path in tmp_path.iterdir()} - {"__pycache__"} == before


def test_on_a_terminal_findings_are_a_table(tmp_path: Path) -> None:
    (tmp_path / "events.json").write_text(document(shipping()))
    code = (
        "import sys; from rich import console; from closient_export.cli import tracing, main; "
        "tracing.Console = lambda: console.Console(force_terminal=True, width=160); "
        "main(['check', 'events.json'])"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=tmp_path,
        env=os.environ | {"TERM": "xterm-256color"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert "What would fix it" in done.stdout, done
    assert "source-missing" in done.stdout


def test_on_a_narrow_terminal_identifiers_are_whole(tmp_path: Path) -> None:
    (tmp_path / "events.json").write_text(document(shipping()))
    plain = run(tmp_path, "check", "events.json").stdout
    code = (
        "from rich import console; from closient_export.cli import tracing, main; "
        "tracing.Console = lambda: console.Console(force_terminal=True, width=90, color_system=None); "
        "main(['check', 'events.json'])"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=tmp_path, capture_output=True, text=True, check=False
    )
    assert "What would" in done.stdout, done
    assert done.stdout.count("…") == plain.count("…")


def test_a_firm_may_hand_over_its_own_records_alone(tmp_path: Path) -> None:
    options: list[str | Path] = ["--lot", LOT, "--master-data", MASTER_DATA, "--out", "lot.xlsx"]
    market = "9521200750096"
    done = run(tmp_path, "trace", *EVENTS, *options, "--records-of", market)
    assert done.returncode == 0, done
    assert done.stdout == "lot.xlsx: 12 lots, 1 row\n"
    assert done.stderr.splitlines()[-1] == "findings: 1 warning"
    receiving = load_workbook(tmp_path / "lot.xlsx")["Receiving"]
    assert [cell.value for cell in receiving["B"]][1:] == [10]


def test_a_writer_is_found_by_the_extension_of_its_files(tmp_path: Path) -> None:
    add_plugin(tmp_path, ACME_POINTS, ACME)
    (tmp_path / "e.json").write_text(document(shipping()))
    assert run(tmp_path, "trace", "e.json", "--out", "kit.JSONL").returncode == 0
    assert (tmp_path / "kit.JSONL").read_bytes() == b"{}"
    assert refused(tmp_path, "trace", "e.json", "--out", "kit.pdf").endswith(
        "expected a name that ends in .hasty or .rows or .xlsx, or --format; got 'kit.pdf'"
    )
    assert refused(
        tmp_path, "trace", "e.json", "--out", "a.xlsx", "--prefer", "XLSX=acme"
    ).startswith("Error: cannot prefer a trace writer: expected a format")


def test_where_a_writer_failed_is_told_to_those_who_ask(tmp_path: Path) -> None:
    add_plugin(tmp_path, ACME_POINTS, ACME)
    (tmp_path / "e.json").write_text(document(shipping()))
    done = run(tmp_path, "trace", "e.json", "--out", "kit.hst")
    assert done.returncode == 1
    failed = "Failed: the trace writer acme_labels.Hasty failed: AttributeError: "
    assert done.stderr.splitlines()[1:] == [
        f"{failed}'Hasty' object has no attribute 'flush_all'; --traceback says where"
    ]
    assert not (tmp_path / "kit.hst").exists()
    told = run(tmp_path, "trace", "e.json", "--out", "kit.hst", "--traceback")
    assert 'acme_labels.py", line 38, in write' in told.stderr
    assert told.stderr.splitlines()[-1] == done.stderr.splitlines()[-1]
