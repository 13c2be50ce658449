"""What somebody is told whom the identity provider's answer does not let in."""

from html import escape

from starlette.responses import HTMLResponse, Response

from server.home import HEADERS

PAGE = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Not signed in – Campaign engagement</title>
<link rel="stylesheet" href="/home.css">
</head>
<body>
<main>
<h1>You are not signed in</h1>
<p>{reason}.</p>
<p><a href="/auth/sign-in">Sign in again</a>, or <a href="/">use a token</a>.</p>
</main>
</body>
</html>
"""


def refused_page(status: int, reason: str) -> Response:
    """A page with the reason, a sentence without its full stop."""
    page = PAGE.format(reason=escape(reason))
    return HTMLResponse(page, status, {**HEADERS, "Cache-Control": "no-store"})
