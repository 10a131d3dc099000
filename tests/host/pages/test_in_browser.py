"""The pages in Chromium, with and without scripts, and axe-core's judgement of each of them."""

import base64
import io
import re
import shutil
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from importlib.resources import files
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import pytest
import uvicorn
from attrs import frozen
from openpyxl import load_workbook
from PIL import Image
from readers import read

from closient_export.adapters.verify import verify
from closient_export.host import Host, HostSettings, create_app
from closient_export.host.demo import take_in_demo

if TYPE_CHECKING:
    from playwright.sync_api import Browser, BrowserContext, Page

DEMO = files("closient_export") / "demo"
KIT = "(01)10614141003034(10)CK26090"
OPTIONS = [
    "--no-sandbox",  # Chromium refuses to run as root in it
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
_PATIENCE = 120_000.0
"""Milliseconds for something to come into sight."""
LOOKS: list[tuple[int, Literal["light", "dark"]]] = [
    (1280, "light"),
    (1280, "dark"),
    (320, "light"),
    (320, "dark"),
]


def chromium() -> str | None:
    names = ("chromium", "chromium-browser", "google-chrome")
    return next(filter(None, map(shutil.which, names)), None)


def missing() -> str | None:
    """Why there can be no browser, if there can be none."""
    if chromium() is None:
        return "Chromium is not installed"
    if find_spec("playwright") is None or find_spec("axe_playwright_python") is None:
        return "Playwright or axe-core is not installed"
    return None


pytestmark = pytest.mark.skipif(missing() is not None, reason=f"{missing()}")


@frozen(eq=False)
class Running:
    """A server that also does the jobs."""

    host: Host
    address: str

    def key(self, owner: str) -> str:
        return self.host.keys.add(owner)[1]


@contextmanager
def serving(folder: Path, *, works: bool) -> Iterator[Running]:
    listening = socket.create_server(("127.0.0.1", 0))
    address = f"http://127.0.0.1:{listening.getsockname()[1]}"
    host = Host(HostSettings(folder=folder, public_url=address, processes=1))
    take_in_demo(host)
    config = uvicorn.Config(create_app(host, works=works), log_config=None, ws="none")
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]})
    thread.start()
    while not server.started:
        assert thread.is_alive()
        time.sleep(0.01)
    try:
        yield Running(host, address)
    finally:
        server.should_exit = True
        thread.join()


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    with serving(tmp_path_factory.mktemp("host"), works=True) as server:
        yield server


@pytest.fixture(scope="module")
def browser() -> Iterator["Browser"]:
    from playwright.sync_api import sync_playwright  # noqa: PLC0415 - may be missing

    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=chromium(), args=OPTIONS)
        yield opened
        opened.close()


@contextmanager
def context(browser: "Browser", running: Running, **options: Any) -> Iterator["BrowserContext"]:
    """Somebody with the browser; nothing that a page does may be an error."""
    opened = browser.new_context(base_url=running.address, **options)
    opened.set_default_timeout(_PATIENCE)
    faults: list[str] = []

    def note(message: Any) -> None:
        # That a form was refused is told as an error, too.
        if message.type == "error" and "status of 422" not in message.text:
            faults.append(message.text)

    opened.on("console", note)
    opened.on("weberror", lambda error: faults.append(str(error.error)))
    with ExitStack() as closing:
        closing.callback(opened.close)
        yield opened
    assert faults == []


def sign_in(page: "Page", key: str) -> None:
    page.goto("/")
    page.get_by_label("API key").fill(key)
    page.keyboard.press("Enter")
    page.get_by_role("button", name="Sign out").wait_for()


def take_in(page: "Page", kind: str, *paths: Path) -> str:
    page.goto("/lots")
    page.get_by_label(kind).check()
    page.get_by_label("Files", exact=True).set_input_files(list(paths))
    page.get_by_role("button", name="Take them in").click()
    return page.get_by_role("status").inner_text()


def downloaded(page: "Page", folder: Path) -> Path:
    with page.expect_download() as waited:
        page.get_by_role("link", name="Download").click()
    path = folder / waited.value.suggested_filename
    waited.value.save_as(path)
    return path


def demo_files(folder: Path) -> Path:
    for source in (DEMO / "catalog.csv", *(DEMO / "chain").iterdir()):
        (folder / source.name).write_bytes(source.read_bytes())
    return folder


def shown(page: "Page") -> list[str]:
    """What the symbols of the preview say."""
    found = []
    for image in page.locator("#preview img").all():
        address = image.get_attribute("src") or ""
        if address.startswith("data:image/png"):
            png = base64.b64decode(address.partition(",")[2])
            found += [symbol.text for symbol in read(Image.open(io.BytesIO(png)))]
    return found


def test_from_a_catalogue_to_labels(browser: "Browser", running: Running, tmp_path: Path) -> None:
    folder = demo_files(tmp_path)
    with context(browser, running) as visitor:
        page = visitor.new_page()
        sign_in(page, running.key("labels"))
        outcome = take_in(page, "catalogue", folder / "catalog.csv")
        assert "catalog.csv: 42 lots, 224 serials read: 266 new, 0 changed." in outcome

        page.get_by_role("link", name="Labels", exact=True).click()
        page.get_by_role("button", name="Show the preview again").wait_for(state="hidden")
        page.get_by_label("Export type and format").select_option("qr_codes.png")
        page.locator("#knobs [id='knob.dpi']").wait_for(state="attached")
        assert shown(page) == ["https://id.gs1.org/01/09520123456702/10/RH26257-A?17=260926"]
        page.get_by_label("GTINs").press_sequentially("9520123456726")
        page.locator("#preview", has_text="09520123456726").wait_for()
        page.get_by_label("Labels for").select_option("serials")
        page.locator("#preview", has_text="/21/").wait_for()
        page.get_by_text("More settings").click()
        page.get_by_label("DPI").fill("60")
        page.locator("#preview", has_text="expected 72 to 2400").wait_for()
        page.get_by_label("DPI").fill("600")
        page.locator("#preview img").wait_for()
        [text] = shown(page)
        assert text.startswith("https://id.gs1.org/01/09520123456726/10/CK26259A/21/")

        page.get_by_role("button", name="Export the labels").click()
        page.get_by_text("The labels are ready.").wait_for()
        file = downloaded(page, tmp_path)
        findings = list(verify(file))
        assert len(findings) > 10
        assert {finding.problem for finding in findings} == {None}
        assert all("/01/09520123456726/" in finding.row["payload"] for finding in findings)


def test_from_events_to_the_workbook(browser: "Browser", running: Running, tmp_path: Path) -> None:
    folder = demo_files(tmp_path)
    with context(browser, running) as visitor:
        page = visitor.new_page()
        sign_in(page, running.key("traces"))
        assert "taken in" in take_in(page, "EPCIS events", *sorted(folder.glob("*.jsonld")))
        assert "described" in take_in(page, "Places and products", folder / "master_data.json")
        page.get_by_label("GTIN, lot or product").fill("ck26090")
        page.keyboard.press("Enter")
        page.wait_for_url("**/lots?*search=ck26090*")
        page.get_by_role("link", name="CK26090").click()
        page.get_by_role("heading", level=1).filter(has_text="CK26090").wait_for()
        own = page.url
        picture = page.locator("#picture svg")

        def view() -> list[float]:
            return [float(part) for part in (picture.get_attribute("viewBox") or "").split()]

        page.get_by_role("button", name="Larger").wait_for()  # the script has fitted the picture
        whole = view()
        page.get_by_role("button", name="Larger").click()
        closer = view()
        assert closer[2] == pytest.approx(whole[2] / 1.5)
        page.locator("#picture").focus()
        page.keyboard.press("ArrowRight")
        assert view()[0] > closer[0]
        page.keyboard.press("+")
        assert view()[2] == pytest.approx(whole[2] / 1.5**2)
        box = page.locator("#picture").bounding_box()
        assert box is not None
        middle = (box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
        before = view()
        page.mouse.move(*middle)
        page.mouse.down()
        page.mouse.move(middle[0] + 100, middle[1], steps=5)
        page.mouse.up()
        assert view()[0] < before[0]
        assert page.url == own  # what is dragged is not followed
        page.get_by_role("button", name="The whole").click()
        assert view() == pytest.approx(whole)
        link = picture.get_by_role("link", name="TD26084A")
        link.focus()
        page.keyboard.press("Enter")
        page.get_by_role("heading", level=1).filter(has_text="TD26084A").wait_for()
        page.locator("#picture svg a", has_text="CK26090").click()
        page.get_by_role("heading", level=1).filter(has_text="CK26090").wait_for()
        assert page.url == own

        page.get_by_role("button", name="Prepare the FDA export").click()
        page.get_by_text("The file is prepared; please review it.").wait_for()
        page.get_by_text("Delivered within 24 hours of the request.").wait_for()
        workbook = load_workbook(downloaded(page, tmp_path))
        codes = {row[0].value for row in workbook["Shipping"].iter_rows(min_row=2)}
        assert KIT in codes


def test_two_fingers_zoom(browser: "Browser", running: Running) -> None:
    with context(browser, running, has_touch=True, viewport={"width": 320, "height": 640}) as phone:
        page = phone.new_page()
        sign_in(page, running.key("demo"))
        page.goto("/lots?search=CK26090")
        page.get_by_role("link", name="CK26090").click()
        page.get_by_role("button", name="Larger").wait_for()  # the script has fitted the picture
        frame = page.locator("#picture")
        frame.scroll_into_view_if_needed()
        width = "document.querySelector('#picture svg').viewBox.baseVal.width"
        before = page.evaluate(width)
        box = frame.bounding_box()
        assert box is not None
        x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
        session = phone.new_cdp_session(page)

        def touch(kind: str, *apart: int) -> None:
            points = [{"x": x + each, "y": y, "id": n} for n, each in enumerate(apart)]
            session.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})

        touch("touchStart", -20, 20)
        for step in range(30, 90, 10):
            touch("touchMove", -step, step)
        touch("touchEnd")
        assert page.evaluate(width) == pytest.approx(before / 4, rel=0.2)


def test_the_pages_work_without_scripts(
    browser: "Browser", running: Running, tmp_path: Path
) -> None:
    with context(browser, running, java_script_enabled=False) as visitor:
        page = visitor.new_page()
        sign_in(page, running.key("demo"))
        page.get_by_label("Export type and format").select_option("sheet_pdf.pdf")
        page.get_by_role("button", name="Show the preview again").click()
        page.get_by_label("Sheet template").select_option("avery_5160")
        page.get_by_role("button", name="Show the preview again").click()
        assert shown(page)[0] == "https://id.gs1.org/01/09520123456702/10/RH26257-A?17=260926"
        page.get_by_role("button", name="Export the labels").click()
        page.get_by_text("The labels are ready.").wait_for()  # the page loads itself again
        assert {finding.problem for finding in verify(downloaded(page, tmp_path))} == {None}


def test_the_clock_ticks_until_the_export_is_cancelled(browser: "Browser", tmp_path: Path) -> None:
    with serving(tmp_path, works=False) as idle, context(browser, idle) as visitor:
        lot = idle.host.lots.page("demo", search="CK26090")[0].lot_id
        page = visitor.new_page()
        sign_in(page, idle.key("demo"))
        page.goto(f"/lots/{lot}")
        page.get_by_role("button", name="Prepare the FDA export").click()
        seen = set()
        for _ in range(200):
            seen.add(page.locator("strong[data-left]").inner_text())
            if len(seen) > 2:
                break
            page.wait_for_timeout(50)
        without_script = {"24 h 00 min", "23 h 59 min"}
        assert all(re.fullmatch(r"23 h 59 min [0-5][0-9] s", e) for e in seen - without_script)
        assert len(seen) > 2
        page.get_by_role("button", name="Cancel").click()
        page.get_by_text("The export was cancelled.").wait_for()
        assert page.get_by_role("button", name="Cancel").count() == 0
        page.get_by_role("button", name="Try again").click()
        page.get_by_role("status").filter(has_text="Waiting").wait_for()
        assert page.get_by_role("status").inner_text() == "Waiting to be begun."
        # What somebody else cancels is seen as well.
        job = page.url.rpartition("/")[2]
        idle.host.service.cancel("demo", job)
        page.locator("#live", has_text="The export has failed.").wait_for()
        assert page.get_by_role("button", name="Try again").count() == 1
        assert page.get_by_role("button", name="Cancel").count() == 0


@pytest.mark.parametrize(("width", "scheme"), LOOKS)
def test_everybody_can_use_the_pages(
    browser: "Browser", running: Running, width: int, scheme: Literal["light", "dark"]
) -> None:
    axe = (files("axe_playwright_python") / "axe.min.js").read_text("utf-8")
    lot = running.host.lots.page("demo", search="CK26090")[0].lot_id
    unknown = running.host.lots.page("demo", limit=1)[0].lot_id
    # axe-core is put into the page, which the pages' own policy would not let happen.
    options: dict[str, Any] = {
        "bypass_csp": True,
        "color_scheme": scheme,
        "viewport": {"width": width, "height": 800},
    }
    judged = []

    def judge(page: "Page", name: str) -> None:
        wide = page.evaluate("document.documentElement.scrollWidth")
        assert wide <= width, (name, wide)
        page.evaluate(axe)
        found = page.evaluate("axe.run({resultTypes: ['violations']})")
        faults = [
            (each["id"], node["html"][:200], node["failureSummary"])
            for each in found["violations"]
            for node in each["nodes"]
        ]
        assert faults == [], name
        assert len(found["passes"]) > 10
        judged.append(name)

    with context(browser, running, **options) as visitor:
        page = visitor.new_page()
        page.goto("/sign-in")
        judge(page, "sign in")
        page.get_by_label("API key").fill("ce_no")
        page.get_by_role("button", name="Sign in").click()
        page.get_by_text("no API key of this host").wait_for()
        judge(page, "no key")
        sign_in(page, running.key("demo"))
        for address in (
            "/?pair=qr_codes.svg",
            "/?pair=sheet_pdf.pdf",
            "/?pair=codes_combined.svg&gtins=9506000134352",
            "/lots",
            "/lots?search=CK",
            "/lots?search=nothing",
            f"/lots/{lot}",
            f"/lots/{unknown}",
        ):
            page.goto(address)
            judge(page, address)
        page.goto("/lots")
        bad: Any = {"name": "bad.csv", "mimeType": "text/csv", "buffer": b"gtin\n1\n"}
        page.get_by_label("catalogue").check()
        page.get_by_label("Files", exact=True).set_input_files([bad])
        page.get_by_role("button", name="Take them in").click()
        page.get_by_role("alert").wait_for()
        judge(page, "a bad file")
        page.goto("/")
        page.get_by_text("More settings").click()
        judge(page, "all settings")
        page.get_by_label("GTINs").fill("1")
        page.get_by_label("X-dimension").fill("9")
        page.get_by_role("button", name="Export the labels").click()
        page.get_by_role("alert").wait_for()
        judge(page, "problems")
        page.goto("/")
        page.get_by_role("button", name="Export the labels").click()
        page.get_by_text("The labels are ready.").wait_for()
        judge(page, "labels")
        page.goto(f"/lots/{lot}")
        page.get_by_role("button", name="Prepare the FDA export").click()
        page.get_by_text("The file is prepared").wait_for()
        judge(page, "workbook")
    assert len(judged) == 15
