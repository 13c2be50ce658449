"""Whom a request acts for, and with which rights."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class Role(StrEnum):
    """What a token may do; the table stands in the README."""

    CSM = "CSM"
    MANAGER = "MANAGER"
    ADMIN = "ADMIN"
    INTEGRATION = "INTEGRATION"


@dataclass(frozen=True, slots=True)
class Viewer:
    """Whoever the request acts for; `csm_id` is a CSM's, `expires_at` (UTC) ends live sockets."""

    role: Role
    name: str
    csm_id: int | None = None
    expires_at: datetime | None = None
    api_key_id: int | None = None

    @property
    def rights(self) -> tuple[Role, int | None]:
        """What decides what they may see: viewers of the same rights see the same."""
        return self.role, self.csm_id

    @property
    def may_read(self) -> bool:
        """Whether customers may be read at all; an integration only writes."""
        return self.role is not Role.INTEGRATION

    @property
    def may_read_all(self) -> bool:
        """Whether every portfolio may be read."""
        return self.role in (Role.MANAGER, Role.ADMIN)
