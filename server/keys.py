"""API keys made on the command line."""

from domain.viewer import Role
from store.access import create_api_key
from store.database import Database


async def make_key(database_url: str, *, role: Role, name: str, csm_email: str | None) -> str:
    """A new API key, shown this once. Raises DomainError (an unknown CSM), Unavailable."""
    database = Database(database_url, max_size=2)
    await database.connect()
    try:
        return await create_api_key(database, role=role, name=name, csm_email=csm_email)
    finally:
        await database.close()
