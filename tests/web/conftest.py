"""A browser without a network for the tests of the site."""

from __future__ import annotations

import runpy
import shutil
from contextlib import contextmanager
from pathlib import Path

import pytest

REPORT_TESTS = Path(__file__).resolve().parents[1] / "report"
# the same example results as in the tests of the report
built = runpy.run_path(str(REPORT_TESTS / "conftest.py"))["built"]

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
QUIET = [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
]  # fmt: skip


@pytest.fixture(scope="session")
def chromium():
    """A running Chromium."""
    program = next((found for name in NAMES if (found := shutil.which(name))), None)
    if program is None:
        pytest.skip(f"no browser on this machine (looked for {', '.join(NAMES)})")
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=QUIET)
        yield browser
        browser.close()


@pytest.fixture
def page(chromium):
    """A page that notes every request and every complaint in ``requests`` and ``complaints``."""
    with noting(chromium) as made:
        yield made


@contextmanager
def noting(chromium):
    """Such a page, for as long as it is wanted."""
    context = chromium.new_context(viewport={"width": 1280, "height": 900}, accept_downloads=True)
    made = context.new_page()
    made.requests, made.complaints = [], []
    context.on("request", lambda request: made.requests.append(request.url))
    made.on("console", lambda message: made.complaints.append(message.text))
    made.on("pageerror", lambda error: made.complaints.append(str(error)))
    made.on("dialog", lambda dialog: (made.complaints.append(dialog.message), dialog.dismiss()))
    yield made
    context.close()


def open_anew(page, address: str) -> None:
    """Load the page. Another fragment alone would not load it: the page would read it some time later."""
    page.goto("about:blank")
    page.goto(address)


def faults(page) -> list[tuple[str, str]]:
    """What axe finds on a page: rule and element; contrast is measured apart, in both themes."""
    from axe_playwright_python.sync_playwright import Axe

    how = {"preload": False, "rules": {"color-contrast": {"enabled": False}}}
    found = Axe().run(page, options=how).response
    return [
        (rule["id"], node["html"][:200]) for rule in found["violations"] for node in rule["nodes"]
    ]
