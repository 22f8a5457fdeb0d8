"""A Chromium of the system, driven by Playwright, and a listener on this machine that notes whatever asks for it."""

from __future__ import annotations

import os
import shutil
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

import pytest

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

NAMES = ("chromium", "chromium-browser", "google-chrome")
OPTIONS = (
    "--no-sandbox",  # its own one, which root may not have; the pages are what is tried here
    "--no-proxy-server",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
)


@pytest.fixture(scope="module")  # it keeps an event loop running, which other tests must not meet
def browser() -> Iterator[Browser]:
    """A headless browser, as a reader of the pages has one."""
    sync_api = pytest.importorskip("playwright.sync_api", reason="Playwright is not installed (pip install playwright)")
    found = next(filter(None, map(shutil.which, NAMES)), None)
    if found is None:
        pytest.skip("no Chromium is installed (apt-get install chromium)")
    home = os.environ.get("HOME")
    with sync_api.sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=found, args=list(OPTIONS), env={"HOME": home or "/"})
        yield browser
        browser.close()


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    """A fresh page, in a profile of its own."""
    context = browser.new_context(viewport={"width": 1200, "height": 900})
    yield context.new_page()
    context.close()


@dataclass
class Listener:
    """A server that answers everything, and the paths that it was asked for."""

    url: str
    heard: set[str] = field(default_factory=set)
    files: dict[str, str] = field(default_factory=dict)


@pytest.fixture
def listener() -> Iterator[Listener]:
    """A web server on this machine that stands for an attacker's."""
    listener = Listener("")

    class Handler(BaseHTTPRequestHandler):
        kinds: ClassVar[dict[str, str]] = {".js": "text/javascript", ".css": "text/css", ".html": "text/html"}

        def do_GET(self) -> None:
            path = self.path.partition("?")[0]
            listener.heard.add(path.strip("/"))
            body = listener.files.get(path.strip("/"), "").encode()
            self.send_response(200)
            self.send_header("Content-Type", self.kinds.get(Path(path).suffix, "text/plain"))
            self.send_header("Content-Length", str(len(body)))
            self.send_header("Access-Control-Allow-Origin", "*")
            self.end_headers()
            self.wfile.write(body)

        do_POST = do_GET

        def log_message(self, *arguments: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    listener.url = f"http://127.0.0.1:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield listener
    server.shutdown()
    thread.join()
    server.server_close()
