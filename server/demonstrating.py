"""The demo, let in: a token of its own and the secrets that its providers sign with."""

from domain.viewer import Role
from server.attached import attached_database
from server.demo_settings import SECRETS
from server.kept_token import kept_token
from server.settings import Settings, SettingsError

TOKEN = "demo_token"  # noqa: S105 - the name of a file
"""In DATA_DIR, of the role INTEGRATION."""


def demonstrate(settings: Settings) -> None:
    """Load the portfolio into the service that runs, then keep sending until told to stop."""
    from demo.__main__ import main

    secrets = settings.data_dir / SECRETS
    if not secrets.exists():
        raise SettingsError(
            f"{secrets} is missing, so the service would refuse what the demo signs: "
            "start `run` with DEMO=1 on this DATA_DIR"
        )
    with attached_database(settings) as found:
        kept_token(found, TOKEN, Role.INTEGRATION)
    main(
        [
            *("--url", settings.local_url),
            *("--token-file", str(settings.data_dir / TOKEN)),
            *("--secrets-file", str(secrets)),
        ]
    )
