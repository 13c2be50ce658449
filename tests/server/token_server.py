"""An authorization server that gives access tokens for a mailbox."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from tests.server.listening import listening

SECRET = "client-secret-opensesame"
REFRESH_TOKEN = "refresh-token-opensesame"


@dataclass
class TokenServer:
    """`asked` are the forms it got, `given` the tokens it answered, each good for `seconds`; where
    `refusal` is set it is answered instead."""

    url: str = ""
    seconds: Any = 3600
    refusal: Response | None = None
    asked: list[dict[str, str]] = field(default_factory=list)
    given: list[str] = field(default_factory=list)

    async def answer(self, request: Request) -> Response:
        form = dict(parse_qsl((await request.body()).decode()))
        self.asked.append(form)
        if self.refusal is not None:
            return self.refusal
        if form.get("client_secret") != SECRET:
            said = f"the secret {form.get('client_secret')} is not yours"
            return JSONResponse({"error": "invalid_client", "error_description": said}, 401)
        self.given.append(f"access-token-{len(self.given)}")
        return JSONResponse({"access_token": self.given[-1], "expires_in": self.seconds})


@asynccontextmanager
async def token_server() -> AsyncIterator[TokenServer]:
    """It listens on a port of its own."""
    found = TokenServer()
    app = Starlette(routes=[Route("/token", found.answer, methods=["POST"])])
    async with listening(app) as url:
        found.url = url + "/token"
        yield found
