"""Customer success managers."""

from typing import Self

import strawberry

from schema import ids
from schema.connections import Node
from store.csms import CsmRow


@strawberry.type(description="A customer success manager.")
class Csm(Node):
    name: str = strawberry.field(description="The person's name.")
    email: str = strawberry.field(description="The address that identifies the person in tokens.")

    @classmethod
    def of(cls, row: CsmRow) -> Self:
        """From its row."""
        return cls(id=strawberry.ID(ids.encode("Csm", row.id)), name=row.name, email=row.email)
