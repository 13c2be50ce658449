"""Customer success managers."""

import strawberry

from schema import ids
from schema.connections import Node
from schema.views import View, read
from store.csms import CsmRow


@strawberry.type(description="A customer success manager.")
class Csm(View, Node, id=read("id", made=lambda key: ids.encode("Csm", key))):
    row: strawberry.Private[CsmRow]
    name: str = strawberry.field(description="The person's name.")
    email: str = strawberry.field(description="The address that identifies the person in tokens.")
