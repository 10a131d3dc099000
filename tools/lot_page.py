"""The page of a lot that the host shows, as Chromium draws it."""

import io
import shutil
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

import uvicorn
from PIL import Image

from closient_export.host import Host, HostSettings, create_app
from closient_export.host.demo import OWNER, take_in_demo

OPTIONS = ["--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking"]
"""Without its sandbox Chromium may be run by root."""
SIZE = (1280, 890)
LOT = "CK26090"


class LotPage(NamedTuple):
    picture: Image.Image
    """Its upper part."""
    text: str
    """What it says down to the genealogy, which does not depend on fonts."""


def chromium() -> str | None:
    names = ("chromium", "chromium-browser", "google-chrome")
    return next(filter(None, map(shutil.which, names)), None)


def lot_page(folder: Path) -> LotPage | None:
    """The page of the lot of the demo's salad kit; `None` where there is no Chromium."""
    browser = chromium()
    if browser is None:
        return None
    from playwright.sync_api import sync_playwright  # noqa: PLC0415 - needed with Chromium only

    with serving(folder) as (host, address, key), sync_playwright() as playwright:
        lot = host.lots.page(OWNER, search=LOT)[0].lot_id
        opened = playwright.chromium.launch(executable_path=browser, args=OPTIONS)
        width, height = SIZE
        page = opened.new_page(viewport={"width": width, "height": height})
        page.goto(address)
        page.get_by_label("API key").fill(key)
        page.keyboard.press("Enter")
        page.get_by_role("button", name="Sign out").wait_for()
        page.goto(f"{address}/lots/{lot}")
        page.get_by_role("button", name="Larger").wait_for()  # the script has fitted the picture
        nav, shown, *_ = page.locator("main").inner_text().split("\nFindings\n")
        picture = Image.open(io.BytesIO(page.screenshot()))
        opened.close()
    return LotPage(picture.convert("RGB"), f"{nav}\nFindings\n{shown}")


@contextmanager
def serving(folder: Path) -> Iterator[tuple[Host, str, str]]:
    """A host with the demo in it, its address, and a key for it."""
    listening = socket.create_server(("127.0.0.1", 0))
    address = f"http://127.0.0.1:{listening.getsockname()[1]}"
    host = Host(HostSettings(folder=folder, public_url=address, processes=1))
    key = take_in_demo(host)
    server = uvicorn.Server(
        uvicorn.Config(create_app(host, works=False), log_config=None, ws="none")
    )
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]})
    thread.start()
    while not server.started:
        if not thread.is_alive():
            raise RuntimeError("the host did not start")
        time.sleep(0.01)
    try:
        yield host, address, key
    finally:
        server.should_exit = True
        thread.join()
