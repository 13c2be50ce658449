"""Pictures of the dashboard for the documents: `make pictures` beside a `make run`.

Each page as whoever signed in has it, with the data of the service that is asked.
"""

import argparse
import asyncio
import os
from dataclasses import dataclass
from pathlib import Path

from playwright.async_api import Page, async_playwright, expect

from tests.dashboard.browsing import ROOT, Browsing, Scheme, browser_program

PICTURES = ROOT / "docs" / "pictures"

STILL_MS = 4_000
"""What a page gets to begin with its figures and charts."""


@dataclass(frozen=True)
class Picture:
    """`opens` is the name of a list's table whose first link leads to the page; `types` is what is
    searched for; `is_outside` is before signing in."""

    name: str
    path: str
    opens: str = ""
    types: str = ""
    is_outside: bool = False
    width: int = 1440
    scheme: Scheme = "light"


ALL = (
    Picture("today", "/"),
    Picture("today-dark", "/", scheme="dark"),
    Picture("sign-in", "/", is_outside=True),
    Picture("search", "/", types="ha"),
    Picture("customers", "/customers"),
    Picture("customer", "/customers", "Customers"),
    Picture("customer-phone", "/customers", "Customers", width=390),
    Picture("campaigns", "/campaigns"),
    Picture("campaign", "/campaigns", "Campaigns"),
    Picture("performance", "/performance"),
    Picture("quality", "/quality"),
    Picture("workflows", "/workflows"),
    Picture("workflow", "/workflows/new"),
    Picture("settings", "/settings"),
)


async def take(browsing: Browsing, token: str, picture: Picture, folder: Path) -> None:
    """One picture, once nothing moves any more."""
    page = await arrived(browsing, token, picture)
    if picture.types:
        await page.keyboard.press("/")
        await page.get_by_placeholder("Customer, person or campaign").fill(picture.types)
        await page.get_by_role("option").first.wait_for()
    if picture.opens:
        await page.get_by_role("table", name=picture.opens).get_by_role("link").first.click()
    await still(page)
    await page.screenshot(path=folder / f"{picture.name}.png", animations="disabled")


async def arrived(browsing: Browsing, token: str, picture: Picture) -> Page:
    """Signed in, or before that."""
    if not picture.is_outside:
        return await browsing.visit(token, picture.path, width=picture.width, scheme=picture.scheme)
    page = await browsing.fresh(width=picture.width, scheme=picture.scheme)
    await page.goto(f"{browsing.url}{picture.path}")
    return page


async def still(page: Page) -> None:
    """Until the skeletons have gone and charts stand."""
    await page.locator("h1").wait_for()
    await page.wait_for_timeout(STILL_MS)
    await expect(page.get_by_role("status", name="Loading")).to_have_count(0, timeout=60_000)
    await page.wait_for_timeout(STILL_MS / 4)


async def main(url: str, token: str, folder: Path, names: list[str]) -> None:
    """Take all pictures, or those named."""
    arguments = ["--no-sandbox"] if os.geteuid() == 0 else []
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(
            executable_path=browser_program(), args=arguments
        )
        for picture in ALL:
            if names and picture.name not in names:
                continue
            browsing = Browsing(browser, url)
            await take(browsing, token, picture, folder)
            await browsing.close()
            print(picture.name, *browsing.problems)  # noqa: T201
        await browser.close()


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("names", nargs="*", help="pictures to take; all without")
    parser.add_argument("--url", default="http://127.0.0.1:8000")
    parser.add_argument("--token-file", type=Path, default=ROOT / ".data" / "sign_in_token")
    parser.add_argument("--folder", type=Path, default=PICTURES)
    given = parser.parse_args()
    asyncio.run(main(given.url, given.token_file.read_text(), given.folder, given.names))
