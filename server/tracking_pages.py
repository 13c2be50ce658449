"""The small pages behind our own links: for people, without script, picture or third party."""

from html import escape

from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

FRESH = {
    "Cache-Control": "no-store, no-cache, must-revalidate, private, max-age=0",
    "Pragma": "no-cache",
    "Expires": "0",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Robots-Tag": "noindex, nofollow",
}
"""Nobody keeps an answer, so that a repeated open or click is seen again; nobody learns the link
from where it leads; no search engine lists it."""

PAGE_HEADERS = {
    **FRESH,
    "Content-Security-Policy": "default-src 'none'; style-src 'self'; form-action 'self'; "
    "base-uri 'none'; frame-ancestors 'none'",
}


def page(status: int, title: str, body: str, address: str = "") -> Response:
    """A page; `{address}` in its body is whom the mail went to, as they know it themselves."""
    content = PAGE.format(title=title, body=body.format(address=escape(_masked(address))))
    return HTMLResponse(content, status, PAGE_HEADERS)


def leads_nowhere() -> Response:
    """The answer to a link that is none of ours, or not whole."""
    return page(404, "This link leads nowhere", UNKNOWN)


def _masked(address: str) -> str:
    """An address that its owner knows again, and whom the mail was passed on to does not learn."""
    local, _, domain = address.rpartition("@")
    return f"{local[:1]}…@{domain}"


async def style(_: Request) -> Response:
    """The pages' style sheet."""
    headers = {"Cache-Control": "public, max-age=86400", "X-Content-Type-Options": "nosniff"}
    return Response(STYLE, media_type="text/css", headers=headers)


PAGE = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{title}</title>
<link rel="stylesheet" href="/u.css">
</head>
<body>
<main>
<h1>{title}</h1>
{body}
</main>
</body>
</html>
"""

ASKING = """<p>Do you no longer want mail like this at <strong>{address}</strong>?</p>
<form method="post">
<button name="action" value="unsubscribe">Unsubscribe</button>
</form>"""

DONE = """<p>We have noted that <strong>{address}</strong> no longer wants mail like this.</p>
<p>That was a mistake?</p>
<form method="post">
<button class="quiet" name="action" value="resubscribe">Subscribe again</button>
</form>"""

BACK = "<p>We have noted that <strong>{address}</strong> wants mail like this again.</p>"

AGAIN = """<p>We could not note that just now. Nothing has changed yet for
<strong>{address}</strong>.</p>
<form method="post">
<button name="action" value="unsubscribe">Unsubscribe</button>
</form>"""

UNKNOWN = """<p>The address may have been cut short or changed on its way. Please use the link in
the mail itself, or answer the mail.</p>"""

NOTHING = "<p>You can close this page.</p>"

STYLE = """:root { color-scheme: light dark; font: 1.0625rem/1.5 system-ui, sans-serif; }
body { margin: 0; }
main { max-width: 32rem; margin: 12vh auto; padding: 0 1.25rem; }
h1 { font-size: 1.5rem; line-height: 1.25; margin: 0 0 1rem; }
p { margin: 0 0 1rem; }
strong { overflow-wrap: anywhere; }
button { font: inherit; font-weight: 600; min-height: 2.75rem; padding: 0.5rem 1.5rem;
  border: 2px solid #1a4fd0; border-radius: 0.5rem; color: #fff; background: #1a4fd0;
  cursor: pointer; }
button:hover { background: #143ea6; border-color: #143ea6; }
button:focus-visible { outline: 3px solid #f2a900; outline-offset: 3px; }
button.quiet { color: inherit; background: none; border-color: currentColor; }
"""
