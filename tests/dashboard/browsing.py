"""A browser for the tests: pages that are signed in, watched for errors and examined by axe."""

import os
import shutil
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from playwright.async_api import Browser, BrowserContext, ConsoleMessage, Page

ROOT = Path(__file__).resolve().parent.parent.parent
AXE = ROOT / "dashboard" / "node_modules" / "axe-core" / "axe.min.js"

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")
"""Of programs that Playwright can drive as they are."""

WAIT_MS = 30_000
"""How long a test waits for something to be shown, on a machine that is busy with other tests."""

Scheme = Literal["light", "dark"]

LOOKS: tuple[tuple[int, Scheme], ...] = ((1440, "light"), (390, "dark"))
"""Width in CSS pixels and colour scheme a page is loaded in; `faults` examines both schemes."""


def browser_program() -> str | None:
    """Where a Chromium is: BROWSER where set, else the first found; None without one."""
    return os.environ.get("BROWSER") or next(filter(None, map(shutil.which, NAMES)), None)


@dataclass
class Browsing:
    """Contexts of one test, each a browser of its own that is signed in with a token."""

    browser: Browser
    url: str
    problems: list[str] = field(default_factory=list)
    _contexts: list[BrowserContext] = field(default_factory=list)

    async def visit(
        self, token: str, path: str = "/", *, width: int = 1440, scheme: Scheme = "light"
    ) -> Page:
        """Sign in by a link to `path` in a fresh browser."""
        page = await self.fresh(width=width, scheme=scheme)
        await page.goto(f"{self.url}{path}#token={token}")
        await page.get_by_role("navigation", name="Pages").wait_for()
        return page

    async def fresh(self, *, width: int = 1440, scheme: Scheme = "light") -> Page:
        """A page of a browser that nobody has signed in with; its errors are noted."""
        context = await self.browser.new_context(
            viewport={"width": width, "height": 900},
            color_scheme=scheme,
            reduced_motion="reduce",
            timezone_id="Europe/Berlin",
            locale="en-GB",
        )
        context.set_default_timeout(WAIT_MS)
        self._contexts.append(context)
        page = await context.new_page()
        page.on("console", self._heard)
        page.on("pageerror", lambda error: self.problems.append(f"{error}"))
        return page

    def _heard(self, message: ConsoleMessage) -> None:
        if message.type in ("error", "warning"):
            self.problems.append(f"{message.type}: {message.text}")

    async def close(self) -> None:
        for context in self._contexts:
            await context.close()


async def faults(page: Page) -> list[str]:
    """What axe finds wrong with the page as it is now, light and dark: scheme, rule, and where.

    WCAG 2.2 AA and below. The page is left in the scheme that it was in.
    """
    if not await page.evaluate("() => 'axe' in window"):
        await page.evaluate(AXE.read_text())
    was = await _scheme(page)
    other: Scheme = "light" if was == "dark" else "dark"
    found = [f"{was}: {fault}" for fault in await _faults(page)]
    await _switch(page, other)
    found += [f"{other}: {fault}" for fault in await _faults(page)]
    await _switch(page, was)
    return found


async def _scheme(page: Page) -> Scheme:
    is_dark = await page.evaluate("() => matchMedia('(prefers-color-scheme: dark)').matches")
    return "dark" if is_dark else "light"


async def _switch(page: Page, scheme: Scheme) -> None:
    """Have the system prefer a scheme, and wait until the page is painted in it.

    The dashboard names its theme; pages without script follow by themselves.
    """
    await page.emulate_media(color_scheme=scheme)
    await page.locator(f"html[data-theme={scheme}], html:not([data-theme])").wait_for()
    await page.evaluate(
        "() => new Promise((done) => requestAnimationFrame(() => setTimeout(done)))"
    )


async def _faults(page: Page) -> list[str]:
    found: dict[str, Any] = await page.evaluate(
        "() => axe.run(document, {runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa',"
        " 'wcag22aa', 'best-practice']})"
    )
    return [
        f"{violation['id']}: {node['html'][:160]}"
        for violation in found["violations"]
        for node in violation["nodes"]
    ]


async def is_wider_than_window(page: Page) -> bool:
    """Whether the page scrolls sideways."""
    wide: bool = await page.evaluate(
        "() => document.documentElement.scrollWidth > document.documentElement.clientWidth"
    )
    return wide


async def texts(page: Page, selector: str) -> Sequence[str]:
    """The text of everything that the selector finds."""
    return await page.locator(selector).all_inner_texts()
