"""The key that an embedded installation makes for itself."""

import os
import secrets
from pathlib import Path

from server.setting_types import SECRET_KEY_CHARACTERS
from server.settings import SettingsError


def kept_secret_key(data_dir: Path) -> str:
    """The key in `data_dir`, made on the first call, readable by its owner only."""
    path = data_dir / "secret_key"
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        key = path.read_text().strip()
        if len(key) < SECRET_KEY_CHARACTERS:
            raise SettingsError(
                f"{path} is damaged: restore it, or remove it (tokens in sent mail stop working)"
            ) from None
        return key
    with os.fdopen(descriptor, "w") as file:
        key = secrets.token_urlsafe(48)
        file.write(key)
        file.flush()
        os.fsync(file.fileno())
    return key
