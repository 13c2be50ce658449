"""API keys."""

from datetime import datetime
from typing import Self

import strawberry

from domain.errors import DomainError
from resolvers import keys as resolve
from schema import ids, seen
from schema.connections import Node
from schema.csms import Csm
from schema.enums import Role
from schema.errors import UserError, user_error
from schema.scalars import Info, Input, instant
from store.access import KeyRow


@strawberry.type(description="A bearer token that was given out; the token itself is not kept.")
class ApiKey(Node):
    row: strawberry.Private[KeyRow]
    prefix: str = strawberry.field(description="How the token begins, to tell keys apart.")
    role: Role = strawberry.field(description="What it may do.")
    name: str = strawberry.field(description="What or who it was made for.")
    created_at: datetime = strawberry.field(description="When it was made.")
    expires_at: datetime | None = strawberry.field(
        description="When it ends by itself; null when it does not."
    )
    revoked_at: datetime | None = strawberry.field(
        description="When it was revoked; null while it was not."
    )

    @classmethod
    def of(cls, row: KeyRow) -> Self:
        """From its row."""
        return cls(
            id=strawberry.ID(ids.encode("ApiKey", row.id)),
            row=row,
            prefix=row.prefix,
            role=Role(row.role),
            name=row.name,
            created_at=row.created_at,
            expires_at=row.expires_at,
            revoked_at=row.revoked_at,
        )

    @strawberry.field(description="Whose portfolio it reads; null but for the role CSM.")
    async def csm(self, info: Info) -> Csm | None:
        return await seen.csm(info, self.row.csm_id)


@strawberry.input(description="A key to make.")
class CreateApiKeyInput:
    role: Role = strawberry.field(description="What it may do.")
    name: str = strawberry.field(description="What or who it is for, at most 200 characters.")
    csm_id: strawberry.ID | None = strawberry.field(
        default=None, description="Whose portfolio it reads: given for the role CSM, else null."
    )
    expires_at: datetime | None = strawberry.field(
        default=None, description="When it ends by itself; null means never."
    )


@strawberry.type(description="The key that was made.")
class CreateApiKeyPayload:
    token: str | None = strawberry.field(
        description="The bearer token, shown this once; null when no key was made."
    )
    api_key: ApiKey | None = strawberry.field(description="The key; null when none was made.")
    user_errors: list[UserError] = strawberry.field(description="What was wrong with the input.")


@strawberry.input(description="A key to revoke.")
class RevokeApiKeyInput:
    id: strawberry.ID = strawberry.field(description="Which key.")


@strawberry.type(description="The key that was revoked.")
class RevokeApiKeyPayload:
    api_key: ApiKey | None = strawberry.field(
        description="The key, which ends within five seconds; null when there is none."
    )
    user_errors: list[UserError] = strawberry.field(description="What was wrong with the input.")


@strawberry.type
class KeyMutation:
    @strawberry.mutation(description="Make an API key. For admins.")
    async def create_api_key(
        self, info: Info, input: Input[CreateApiKeyInput]
    ) -> CreateApiKeyPayload:
        resolve.require_keeper(info.context)
        try:
            given = input.csm_id
            csm_id = None if given is None else ids.number(given, "Csm", "csmId")
            expires_at = (
                None if input.expires_at is None else instant(input.expires_at, "expiresAt")
            )
            row, token = await resolve.create(
                info.context,
                role=Role(input.role),
                name=input.name,
                csm_id=csm_id,
                expires_at=expires_at,
            )
        except DomainError as error:
            return CreateApiKeyPayload(token=None, api_key=None, user_errors=[user_error(error)])
        return CreateApiKeyPayload(token=token, api_key=ApiKey.of(row), user_errors=[])

    @strawberry.mutation(
        description="End an API key; live connections made with it end too. For admins."
    )
    async def revoke_api_key(
        self, info: Info, input: Input[RevokeApiKeyInput]
    ) -> RevokeApiKeyPayload:
        resolve.require_keeper(info.context)
        try:
            row = await resolve.revoke(info.context, ids.number(input.id, "ApiKey", "id"))
        except DomainError as error:
            return RevokeApiKeyPayload(api_key=None, user_errors=[user_error(error)])
        return RevokeApiKeyPayload(api_key=ApiKey.of(row), user_errors=[])
