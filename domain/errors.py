"""Expected failures, as values a caller can act on."""


class DomainError(Exception):
    """Something the caller can put right.

    `message` names the thing, the value and the way out; `code` is stable and in UPPER_SNAKE_CASE;
    `field` is the path to the offending input as the client wrote it, e.g. ("events", "3", "url").
    One place in `schema/` turns it into `userErrors`, one in `server/` into a 4xx.
    """

    def __init__(self, code: str, message: str, field: tuple[str, ...] | None = None) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.field = field
