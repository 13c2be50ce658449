"""Tokens that `run` keeps in DATA_DIR, so that a restart makes no new API key."""

import asyncio
import json
import urllib.request

from domain.viewer import Role
from server.keys import make_key
from server.settings import Settings


def kept_token(settings: Settings, name: str, role: Role) -> str:
    """The token in DATA_DIR/`name`, or a new one where the running service does not know it."""
    path = settings.data_dir / name
    if path.exists() and _is_known(settings, token := path.read_text()):
        return token
    key = make_key(settings.database_url, role=role, name=name.replace("_", " "), csm_email=None)
    token = asyncio.run(key)
    path.touch(mode=0o600)
    path.write_text(token)
    return token


def _is_known(settings: Settings, token: str) -> bool:
    """Whether the service lets this token in."""
    request = urllib.request.Request(  # noqa: S310 - our own address
        f"{settings.local_url}/graphql",
        data=json.dumps({"query": "{ viewer { role } }"}).encode(),
        headers={"Authorization": f"Bearer {token}", "Content-Type": "application/json"},
    )
    try:
        with urllib.request.urlopen(request, timeout=5) as answer:  # noqa: S310
            return "errors" not in json.load(answer)
    except (OSError, ValueError):
        return False
