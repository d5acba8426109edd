"""A browser without a network for the tests of the site."""

from __future__ import annotations

import runpy
import shutil
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
    context = chromium.new_context(viewport={"width": 1280, "height": 900})
    made = context.new_page()
    made.requests, made.complaints = [], []
    context.on("request", lambda request: made.requests.append(request.url))
    made.on("console", lambda message: made.complaints.append(message.text))
    made.on("pageerror", lambda error: made.complaints.append(str(error)))
    made.on("dialog", lambda dialog: (made.complaints.append(dialog.message), dialog.dismiss()))
    yield made
    context.close()
