"""The site in Chromium.  `nox -s browser` installs what is needed; without it these tests skip, loudly."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import TYPE_CHECKING, Any

import pytest

from browser_tools import NOW, NOW_TEXT, Open, Watched
from publish_policies import hostile_policy
from shared import ROOT
from watchbill.publish.folder import calendars
from watchbill.publish.site import site as files_of
from watchbill.publish.swap import replace_folder
from watchbill.rota.duty import Roster

if TYPE_CHECKING:
    from playwright.sync_api import Browser


@pytest.fixture(scope="session")
def packages() -> Path:
    """The folder that `tests/browser/package.json` was installed into."""
    folder = Path(os.environ.get("WATCHBILL_BROWSER_PACKAGES", "/nonexistent"))
    if not (folder / "node_modules" / "axe-core").is_dir():
        pytest.skip("NOT CHECKED: axe-core is not installed; `nox -s browser` does it, with npm")
    return folder / "node_modules"


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    chosen = os.environ.get("WATCHBILL_BROWSER")
    if chosen is None:
        pytest.skip(
            "NOT CHECKED: $WATCHBILL_BROWSER names no Chromium; `nox -s browser` finds or installs one"
        )
    from playwright.sync_api import Error, sync_playwright

    with sync_playwright() as playwright:
        try:
            opened = playwright.chromium.launch(executable_path=chosen or None, args=["--no-sandbox"])
        except Error as error:
            if chosen:
                raise
            pytest.skip(f"NOT CHECKED: no Chromium was found and none could be installed: {error.message}")
        yield opened
        opened.close()


@pytest.fixture(scope="session")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The shipped policy's, as the command line publishes it."""
    out = tmp_path_factory.mktemp("published") / "site"
    words = ["--policies", str(ROOT / "policies"), "--now", NOW_TEXT, "publish", "site", "--out", str(out)]
    subprocess.run([sys.executable, "-m", "watchbill", *words], check=True, capture_output=True)
    return out


@pytest.fixture(scope="session")
def hostile_site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    policy = hostile_policy()
    out = tmp_path_factory.mktemp("hostile") / "site"
    roster = Roster(policy)
    feeds = calendars(policy, out / "calendars", NOW, roster)
    pages = files_of(policy, roster, NOW)
    replace_folder(out, pages | {f"calendars/{name}": data for name, data in feeds.items()})
    return out


class _Quiet(SimpleHTTPRequestHandler):
    def log_message(self, *_: Any) -> None:
        return


@pytest.fixture(scope="session")
def served(site: Path) -> Iterator[str]:
    """The site's address over HTTP."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(_Quiet, directory=str(site)))
    Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_address[1]}"
    server.shutdown()
    server.server_close()


@pytest.fixture
def open_page(browser: Browser) -> Open:
    """A page whose clock stands at NOW; `time_zone`: the reader's."""

    @contextmanager
    def opened(
        *,
        width: int = 1280,
        height: int = 900,
        dark: bool = False,
        script: bool = True,
        time_zone: str | None = None,
    ) -> Iterator[Watched]:
        context = browser.new_context(
            viewport={"width": width, "height": height},
            color_scheme="dark" if dark else "light",
            java_script_enabled=script,
            locale="en-GB",
            timezone_id=time_zone,
        )
        if script:
            context.clock.set_fixed_time(NOW_TEXT)
        watched = Watched(context.new_page())
        watched.page.on("console", lambda message: watched.said.append(f"{message.type}: {message.text}"))
        watched.page.on("pageerror", lambda error: watched.said.append(f"error: {error}"))
        watched.page.on("dialog", lambda dialog: (watched.said.append(dialog.message), dialog.dismiss()))
        watched.page.on("request", lambda request: watched.asked.append(request.url))
        yield watched
        context.close()

    return opened
