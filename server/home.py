"""`GET /`: where things are, for whoever follows the ready line into a browser."""

from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import Route

PAGE = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Campaign engagement</title>
<link rel="stylesheet" href="/home.css">
</head>
<body>
<main>
<h1>Campaign engagement</h1>
<p>Tells customer success managers, live, what each of their customers did with every bulk
email.</p>
<p>The dashboard was not built here: that takes Node 20.19 or later, and <code>make run</code>
builds it where it finds one.</p>
<p>This server is the API. Send queries, mutations and subscriptions to
<code>/graphql</code> with the header <code>Authorization: Bearer …</code>; the token stands in the
link that <code>make run</code> printed, after <code>#token=</code>.</p>
<ul>
<li><a href="/readyz">/readyz</a> – whether the database is reachable and migrated</li>
<li><a href="/metrics">/metrics</a> – this process's counters, for Prometheus</li>
</ul>
<p>The README has a request to paste for each door.</p>
</main>
</body>
</html>
"""

STYLE = """:root { color-scheme: light dark; font: 1rem/1.5 system-ui, sans-serif; }
main { max-width: 40rem; margin: 10vh auto; padding: 0 1rem; }
h1 { font-size: 1.5rem; }
code { overflow-wrap: anywhere; }
:root { background: #fff; color: #14181f; }
a { color: #1d4fb8; }
@media (prefers-color-scheme: dark) {
  :root { background: #14171c; color: #e8eaee; }
  a { color: #a8c4ff; }
}
"""

HEADERS = {
    "Content-Security-Policy": "default-src 'none'; style-src 'self'; frame-ancestors 'none'",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
}
"""No script, no third party; the token in the link never leaves the browser."""


async def home(_: Request) -> Response:
    """The page."""
    return HTMLResponse(PAGE, headers=HEADERS)


async def style(_: Request) -> Response:
    """Its style sheet."""
    return Response(STYLE, media_type="text/css", headers=HEADERS)


routes = [Route("/", home, methods=["GET"]), Route("/home.css", style, methods=["GET"])]
