"""The dashboard: what `npm run build` made of `dashboard/`, served at `/`.

Where it was not built, `server/home.py` stands in its place.
"""

from dataclasses import dataclass
from pathlib import Path

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import FileResponse, Response
from starlette.routing import BaseRoute, Mount, Route
from starlette.staticfiles import StaticFiles
from starlette.types import Scope

from server.protocol.trusted import TrustedDocuments, load

DIST = Path(__file__).resolve().parent.parent / "dashboard" / "dist"
"""Where the build stands, beside the code."""

POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; font-src 'self'; "
    "connect-src 'self'; manifest-src 'self'; base-uri 'none'; form-action 'self'; "
    "frame-ancestors 'none'"
)
"""Scripts, styles and connections of our own origin alone, nothing inline, no string as code."""

HEADERS = {
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
}
"""The token in a sign-in link never leaves the browser, and nobody frames or opens us."""

FOREVER = "public, max-age=31536000, immutable"
"""For files whose name carries a hash of their content."""

DOORS = frozenset(
    {"api", "assets", "auth", "dashboard", "graphql", "healthz", "mail", "metrics", "readyz"}
    | {"c", "o", "u", "webhooks"}
)
"""First segments of paths that are the service's: what is not found there is no page."""


@dataclass(frozen=True, slots=True)
class Dashboard:
    """A build in `folder`."""

    folder: Path = DIST

    @property
    def is_built(self) -> bool:
        """Whether there is a build to serve."""
        return (self.folder / "index.html").is_file()

    def page(self) -> Response:
        """Its one page, which finds out from the address what to show; asked for anew each time."""
        headers = {**HEADERS, "Cache-Control": "no-cache", "Content-Security-Policy": POLICY}
        return FileResponse(self.folder / "index.html", headers=headers)

    def page_for(self, request: Request) -> Response | None:
        """The page, where a browser asks for an address of the dashboard's; else None."""
        first = request.url.path.split("/")[1]
        wants_page = "text/html" in request.headers.get("accept", "")
        is_ours = request.method in ("GET", "HEAD") and first not in DOORS
        return self.page() if is_ours and wants_page and self.is_built else None

    def routes(self) -> list[BaseRoute]:
        """`/` and the hashed files; none where there is no build."""
        if not self.is_built:
            return []

        async def index(_: Request) -> Response:
            return self.page()

        return [
            Route("/", index, methods=["GET"]),
            Mount("/assets", Hashed(directory=self.folder / "assets")),
        ]

    def documents(self, given: TrustedDocuments) -> TrustedDocuments:
        """The documents that the build was made with, besides those given. Raises ValueError."""
        manifest = self.folder / "trusted-documents.json"
        if not manifest.is_file():
            return given
        ours = load(manifest, only=given.only)
        return TrustedDocuments({**ours.documents, **given.documents}, given.only)


class Hashed(StaticFiles):
    """Files that never change under their name."""

    async def get_response(self, path: str, scope: Scope) -> Response:
        """The file; what is not there is told by the application."""
        response = await super().get_response(path, scope)
        if response.status_code >= 400:
            raise HTTPException(response.status_code)
        response.headers.update({**HEADERS, "Cache-Control": FOREVER})
        return response
