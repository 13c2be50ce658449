"""GraphiQL at `GET /graphql`, for browsers and in development (GRAPHIQL): what `npm run graphiql`
made, served by us.

Its policy has nothing inline either, and no other host; its style sheet brings fonts as `data:`.
"""

from pathlib import Path

from starlette.datastructures import Headers
from starlette.requests import Request
from starlette.responses import FileResponse, PlainTextResponse, Response
from starlette.routing import BaseRoute, Match, Mount, Route
from starlette.types import Scope

from server import dashboard
from server.dashboard import HEADERS, Hashed

PAGE = "graphiql.html"

POLICY = dashboard.POLICY.replace("img-src 'self'", "img-src 'self' data:").replace(
    "font-src 'self'", "font-src 'self' data:"
)

NOT_BUILT = "GRAPHIQL is set, but GraphiQL was not built: make run GRAPHIQL=1 builds it\n"


class PageRoute(Route):
    """Matches a browser that comes without a query; all else goes on to the API."""

    def matches(self, scope: Scope) -> tuple[Match, Scope]:
        if scope["type"] != "http" or scope["method"] != "GET" or scope["query_string"]:
            return Match.NONE, {}
        if "text/html" not in Headers(scope=scope).get("accept", ""):
            return Match.NONE, {}
        return super().matches(scope)


def routes(dist: Path) -> list[BaseRoute]:
    """The page and its files, from what stands in the dashboard's build; before the API's own."""
    build = dist / "graphiql"

    async def page(_: Request) -> Response:
        if not (build / PAGE).is_file():
            return PlainTextResponse(NOT_BUILT, 404, HEADERS)
        policy = {"Cache-Control": "no-cache", "Content-Security-Policy": POLICY}
        return FileResponse(build / PAGE, headers=HEADERS | policy)

    found: list[BaseRoute] = [PageRoute("/graphql", page)]
    if (build / "assets").is_dir():
        found.append(Mount("/graphiql/assets", Hashed(directory=build / "assets")))
    return found
