"""The body of a request, counted while it streams: a Content-Length may lie."""

from starlette.requests import ClientDisconnect, Request


class TooLargeError(Exception):
    """There is more of it than is taken."""


class CutShortError(Exception):
    """The request ended before its body did."""


async def read_body(request: Request, limit: int) -> bytes:
    """The whole body, at most `limit` bytes. Raises TooLargeError or CutShortError."""
    chunks: list[bytes] = []
    size = 0
    try:
        async for chunk in request.stream():
            size += len(chunk)
            if size > limit:
                raise TooLargeError
            chunks.append(chunk)
    except ClientDisconnect as gone:
        raise CutShortError from gone
    return b"".join(chunks)
