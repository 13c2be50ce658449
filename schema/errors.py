"""Expected failures as the client sees them."""

from collections.abc import Sequence

import strawberry

from domain.errors import DomainError


@strawberry.type(description="Something in the input that the caller can put right.")
class UserError:
    message: str = strawberry.field(
        description="What is wrong, with which value, and the way out, for a person to read."
    )
    field: list[str] | None = strawberry.field(
        description=(
            "Path to the offending part of the input as the client wrote it, e.g. "
            '["events", "3", "address"]; null when it is about the input as a whole.'
        )
    )
    code: str = strawberry.field(description="Stable code in UPPER_SNAKE_CASE, for programs.")


def user_error(error: DomainError, *, prefix: Sequence[str] = ()) -> UserError:
    """The one place where an expected failure becomes a `userErrors` entry.

    `prefix` is the path to the item that the error's own path is relative to.
    """
    path = [*prefix, *(error.field or ())]
    return UserError(message=error.message, field=path or None, code=error.code)


def expected(error: DomainError) -> UserError:
    """What a mutation's payload says of a failure. Raises it again when access was refused."""
    if error.code == "FORBIDDEN":
        raise error
    return user_error(error)
