"""Every setting: typed, read from the environment and `.env`, checked once at start.

Nothing else in the repository reads the environment. A secret has no default and hides itself.
"""

from pathlib import Path
from typing import Any, Literal

from pydantic import Field, SecretStr, ValidationError, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from server.forwarding import LOCAL, Forwarding, networks
from server.mailbox_tokens import TokenGrant
from server.mailbox_url import MailboxUrl, parse_mailbox_url
from server.provider_secrets import refuse
from server.setting_types import (
    Address,
    DatabaseUrl,
    ImapUrl,
    Issuer,
    KeySetUrl,
    MailServerUrl,
    Names,
    Networks,
    Providers,
    PublicUrl,
    RedisUrl,
    StrongSecret,
    TokenUrl,
    Words,
    Zone,
    is_safe_transport,
)
from server.smtp_url import SmtpUrl, parse_smtp_url


class SettingsError(Exception):
    """The environment cannot be used; the message has a line per variable, each with a way out."""


class Settings(BaseSettings):
    """What an operator decides. An empty value counts as absent."""

    model_config = SettingsConfigDict(
        env_file=".env",
        env_ignore_empty=True,
        extra="ignore",
        frozen=True,
        hide_input_in_errors=True,
    )

    database_url: DatabaseUrl = Field(
        "",
        repr=False,
        description="PostgreSQL 15 to 18; absent: `run` embeds one",
        examples=["postgresql://user:password@host/database"],
    )
    redis_url: RedisUrl = Field(
        "",
        repr=False,
        description="Redis 6 to 8 or Valkey; absent: `run` embeds one",
        examples=["redis://host:6379/0"],
    )
    data_dir: Path = Field(
        Path(".data"), description="the embedded servers' folder", examples=[".data"]
    )
    host: str = Field("127.0.0.1", description="the address to listen on", examples=["0.0.0.0"])  # noqa: S104
    port: int = Field(8000, ge=1, le=65535, description="the port to listen on", examples=[8000])
    web_processes: int = Field(
        1, ge=1, le=64, description="web processes, on one listening socket", examples=[2]
    )
    worker_processes: int = Field(1, ge=1, le=64, description="worker processes", examples=[2])
    public_url: PublicUrl = Field(
        "",
        description="how clients reach us; absent: http://HOST:PORT",
        examples=["https://engagement.example.com"],
    )
    secret_key: StrongSecret = Field(
        SecretStr(""),
        description="signs our own tokens and hashes evidence; `run` makes one for its own servers",
        examples=['"$(openssl rand -base64 48)"'],
    )
    allowed_origins: Words = Field(
        (),
        description="origins of browsers that may call us, besides PUBLIC_URL, separated by commas",
        examples=["https://dashboard.example.com"],
    )
    providers: Providers = Field(
        {},
        repr=False,
        description="JSON: provider → its settings; a list where several are live at once",
        examples=["""'{"postmark": {"webhook_secret": "user:password"}}'"""],
    )
    jwt_jwks_url: KeySetUrl = Field(
        "",
        description="the keys of your identity provider",
        examples=["https://id.example.com/.well-known/jwks.json"],
    )
    jwt_secret: StrongSecret = Field(
        SecretStr(""),
        description="the HMAC key of whoever signs your JWTs, instead of JWT_JWKS_URL",
        examples=['"$(openssl rand -base64 48)"'],
    )
    jwt_audience: str = Field(
        "", description="the `aud` a JWT must carry", examples=["campaign-engagement"]
    )
    oidc_issuer: Issuer = Field(
        "",
        description="the OpenID Connect provider that people sign in with, as it calls itself",
        examples=["https://id.example.com/realms/example"],
    )
    oidc_client_id: str = Field(
        "", description="the `client_id` that it gave us", examples=["campaign-engagement"]
    )
    oidc_client_secret: SecretStr = Field(
        SecretStr(""),
        description="the secret that goes with it; absent: a public client, with PKCE alone",
        examples=["…"],
    )
    oidc_name: str = Field(
        "single sign-on",
        min_length=1,
        max_length=60,
        description="what the button to sign in calls the provider",
        examples=["Example ID"],
    )
    oidc_scopes: str = Field(
        "openid email profile",
        pattern=r"^(.* )?openid( .*)?$",
        description="the scopes asked for; some providers tell groups only for one of their own",
        examples=['"openid email profile groups"'],
    )
    oidc_groups_claim: str = Field(
        "groups", description="the claim that names a person's groups", examples=["roles"]
    )
    oidc_manager_groups: Names = Field(
        (), description="groups whose people are managers here", examples=["cs-leads"]
    )
    oidc_admin_groups: Names = Field(
        (), description="groups whose people are admins here", examples=["cs-operations"]
    )
    oidc_trust_addresses: bool = Field(
        False,
        description="believe an address of which the provider does not say whether it is verified: "
        "only where it is your own and nobody chooses theirs",
        examples=["1"],
    )
    oidc_session_hours: float = Field(
        10.0, ge=0.25, le=168, description="how long a sign-in holds", examples=[10]
    )
    internal_domains: Words = Field(
        (),
        description="your own mail domains, never a customer's, separated by commas",
        examples=["example.com,example.org"],
    )
    trusted_proxies: Networks = Field(
        (),
        description="networks of your proxies or CDN, separated by commas, whose FORWARDED_HEADER "
        "is believed; `unix` for one on a unix socket",
        examples=["10.0.0.0/8,2001:db8::/32"],
    )
    forwarded_header: str = Field(
        "X-Forwarded-For",
        pattern=r"^[A-Za-z][A-Za-z0-9-]*$",
        description="where a trusted proxy says whom it speaks for",
        examples=["CF-Connecting-IP"],
    )
    unsubscribe_mailbox: Address = Field(
        "",
        description="an address whose mail reaches us, for `mailto:` in List-Unsubscribe",
        examples=["unsubscribe@example.com"],
    )
    bulk_recipients: int = Field(
        5,
        ge=2,
        le=1000,
        description="distinct external recipients that make a send bulk",
        examples=[5],
    )
    burst_seconds: float = Field(
        1.0,
        gt=0,
        le=3,
        description="two links of a mail followed within this many seconds were a machine's; run "
        "`rebuild` after a change",
        examples=[1],
    )
    sweep_minutes: float = Field(
        10.0,
        gt=0,
        le=60,
        description="all links of a mail (three or more) followed within this many minutes were a "
        "machine's; run `rebuild` after a change",
        examples=[10],
    )
    hits_per_mail: int = Field(
        1_000,
        ge=10,
        description="opens and clicks of one recipient's mail that our own pixel and links keep; "
        "whoever calls them in a loop is not counted beyond",
        examples=[1000],
    )
    ip_kept: Literal["full", "network", "none"] = Field(
        "network",
        description="what is kept of an IP address once it was judged: `full`, `network` "
        "(IPv4: 24 bits, IPv6: 48) or `none`",
        examples=["none"],
    )
    user_agent_kept: Literal["full", "family", "none"] = Field(
        "family",
        description="what is kept of a user agent once it was judged: `full`, `family` "
        "(such as Firefox) or `none`",
        examples=["none"],
    )
    tracking_consent_default: Literal["granted", "denied"] = Field(
        "granted",
        description="how our own pixel and links treat whoever was never asked for consent",
        examples=["denied"],
    )
    hubspot_seconds: float = Field(
        60.0,
        ge=10,
        le=86400,
        description="how often HubSpot is asked for events, where PROVIDERS has its access_token",
        examples=[60],
    )
    imap_url: ImapUrl = Field(
        SecretStr(""),
        description="a mailbox to read: replies, bounces, copies of sent mail; never changed",
        examples=["imaps://user:password@host/INBOX"],
    )
    imap_token_url: TokenUrl = Field(
        "",
        description="where access tokens for the mailbox are asked for, instead of a password",
        examples=["https://login.microsoftonline.com/TENANT/oauth2/v2.0/token"],
    )
    imap_client_id: str = Field(
        "", description="as whom they are asked for", examples=["8f1c0a52-engagement"]
    )
    imap_client_secret: SecretStr = Field(
        SecretStr(""), description="what proves it", examples=["Zk8Q~..."]
    )
    imap_refresh_token: SecretStr = Field(
        SecretStr(""),
        description="in whose name; absent: in the application's own",
        examples=["1//0gExample"],
    )
    imap_token_scope: str = Field(
        "",
        description="what the tokens are for",
        examples=["https://outlook.office365.com/.default"],
    )
    imap_seconds: float = Field(
        30.0, ge=5, le=86400, description="how often the mailbox is looked into", examples=[30]
    )
    pull_days: int = Field(
        30,
        ge=0,
        le=3650,
        description="how far back HubSpot and a mailbox are read the first time",
        examples=[30],
    )
    smtp_url: MailServerUrl = Field(
        SecretStr(""),
        description="the mail server that digests are sent through; absent: they are not mailed",
        examples=["smtps://user:password@host"],
    )
    mail_from: Address = Field(
        "", description="whom digests come from", examples=["engagement@example.com"]
    )
    digest_hour: int = Field(
        7,
        ge=0,
        le=23,
        description="from which hour of a CSM's day their digest is made",
        examples=[7],
    )
    digest_timezone: Zone = Field(
        "UTC",
        description="the IANA time zone of CSMs who have chosen none",
        examples=["Europe/Berlin"],
    )
    trusted_documents_only: bool = Field(
        False, description="refuse GraphQL documents that are not registered", examples=["1"]
    )
    trusted_documents: Path | None = Field(
        None,
        description="JSON: SHA-256 in hex → the GraphQL document registered under it",
        examples=["trusted-documents.json"],
    )
    dashboard_dir: Path | None = Field(
        None,
        description="the built dashboard; absent: `dashboard/dist` beside the code",
        examples=["dashboard/dist"],
    )
    graphiql: bool = Field(
        False,
        description="show GraphiQL to browsers at /graphql; for development",
        examples=["1"],
    )
    demo: bool = Field(True, description="load the demo portfolio on `run`", examples=["0"])
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = Field(
        "INFO", description="what is worth a line", examples=["INFO"]
    )
    retention_days: int = Field(
        730,
        ge=31,
        description="how long events are kept one by one; months older than that become sums",
        examples=[730],
    )
    feed_retention_days: int = Field(
        7, ge=1, description="how long a live cursor can be resumed", examples=[7]
    )
    payload_retention_days: int = Field(
        30, ge=1, description="how long raw payloads are kept for replay", examples=[30]
    )
    holdout_percent: int = Field(
        0,
        ge=0,
        le=50,
        description="customers in a hundred who get no recommendations, to measure the effect",
        examples=[10],
    )
    webhook_body_limit_bytes: int = Field(
        5 * 1024 * 1024, ge=1024, description="a larger webhook gets 413", examples=[5242880]
    )
    mail_body_limit_bytes: int = Field(
        25 * 1024 * 1024,
        ge=1024,
        description="a larger mail at /mail gets 413",
        examples=[26214400],
    )
    graphql_body_limit_bytes: int = Field(
        1024 * 1024, ge=1024, description="a larger GraphQL request gets 413", examples=[1048576]
    )
    compiled_execution: bool = Field(
        True,
        description="GraphQL operations that come again are compiled; off, each is interpreted, "
        "with the same answers, only slower",
        examples=["0"],
    )
    webhook_allowed_hosts: Words = Field(
        (),
        description="hosts, or host:port, that our own webhooks may call in private networks and "
        "without TLS, separated by commas",
        examples=["crm.internal,10.0.0.7:8080"],
    )
    payload_lease_seconds: float = Field(
        4.0,
        ge=1,
        le=300,
        description="after which a dead worker's payload is taken over",
        examples=[4],
    )
    payload_tries: int = Field(
        5, ge=1, description="after which a payload is set aside with its error", examples=[5]
    )
    database_pool_size: int = Field(
        10, ge=2, le=100, description="connections to PostgreSQL per process", examples=[10]
    )

    @model_validator(mode="after")
    def _check_mail_from(self) -> "Settings":
        if self.smtp_url.get_secret_value() and not self.mail_from:
            raise refuse("SMTP_URL is set and MAIL_FROM is not: set it to the address to send from")
        return self

    @model_validator(mode="after")
    def _check_mailbox(self) -> "Settings":
        box = self.mailbox
        has_password = box is not None and bool(box.password.get_secret_value())
        if box is not None and not has_password and not self.imap_token_url:
            raise refuse("IMAP_URL has no password: give it one, or set IMAP_TOKEN_URL")
        if has_password and self.imap_token_url:
            raise refuse("IMAP_URL has a password and IMAP_TOKEN_URL is set: leave one of them out")
        if self.imap_token_url and not self.imap_client_id:
            raise refuse("IMAP_TOKEN_URL is set and IMAP_CLIENT_ID is not: set both")
        return self

    @model_validator(mode="after")
    def _check_jwt(self) -> "Settings":
        has_secret = bool(self.jwt_secret.get_secret_value())
        if has_secret and self.jwt_jwks_url:
            raise refuse("JWT_JWKS_URL and JWT_SECRET exclude each other: unset one of them")
        if (has_secret or self.jwt_jwks_url) and not self.jwt_audience:
            raise refuse(
                "JWT_AUDIENCE is not set, so that a token made for another service would do here: "
                "set it to the `aud` of your tokens"
            )
        return self

    @model_validator(mode="after")
    def _check_oidc(self) -> "Settings":
        if bool(self.oidc_issuer) != bool(self.oidc_client_id):
            raise refuse("OIDC_ISSUER and OIDC_CLIENT_ID go together: set both, or neither")
        if self.oidc_issuer and not is_safe_transport(self.base_url):
            raise refuse(
                f"OIDC_ISSUER is set, but browsers reach us at {self.base_url}, where anybody on "
                "the way could take their session: set PUBLIC_URL to an https:// address"
            )
        return self

    @property
    def base_url(self) -> str:
        """PUBLIC_URL, or where it is absent `local_url`; without a closing slash."""
        return self.public_url or self.local_url

    @property
    def mailbox(self) -> MailboxUrl | None:
        """The mailbox to read, if there is one."""
        url = self.imap_url.get_secret_value()
        return parse_mailbox_url(url) if url else None

    @property
    def mailbox_grant(self) -> TokenGrant | None:
        """How to get at access tokens for the mailbox, where it takes no password."""
        if not self.imap_token_url:
            return None
        return TokenGrant(
            self.imap_token_url,
            self.imap_client_id,
            self.imap_client_secret,
            self.imap_refresh_token,
            self.imap_token_scope,
        )

    @property
    def smtp(self) -> SmtpUrl | None:
        """The server that mail is sent through, if there is one."""
        url = self.smtp_url.get_secret_value()
        return parse_smtp_url(url) if url else None

    @property
    def forwarding(self) -> Forwarding:
        """Whom to believe about where a request comes from."""
        return Forwarding(
            networks(self.trusted_proxies),
            trusts_local=LOCAL in self.trusted_proxies,
            header=self.forwarded_header.lower(),
        )

    @property
    def local_url(self) -> str:
        """Where this machine reaches us; without a closing slash."""
        host = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(self.host, self.host)  # noqa: S104
        return f"http://{f'[{host}]' if ':' in host else host}:{self.port}"


def load(**given: Any) -> Settings:
    """The settings of this process; `given` wins over the environment. Raises SettingsError."""
    try:
        return Settings(**given)
    except ValidationError as error:
        raise SettingsError("\n".join(_explain(dict(e)) for e in error.errors())) from None


def _explain(error: dict[str, Any]) -> str:
    name = str(error["loc"][0]) if error["loc"] else ""
    field = Settings.model_fields.get(name)
    if field is None:
        return str(error["msg"])
    example = (field.examples or [""])[0]
    is_shown = field.repr and "Secret" not in str(field.annotation)
    value = f"={error['input']}" if is_shown else ""
    return (
        f"{name.upper()}{value}: {error['msg'][:1].lower()}{error['msg'][1:]}. "
        f"It is for: {field.description}. For example {name.upper()}={example}"
    )


def require(settings: Settings, *names: str) -> Settings:
    """The same settings, once the fields `names` are there. Raises SettingsError."""
    missing = [
        f"{name.upper()} is not set: set it (for example {name.upper()}="
        f"{(Settings.model_fields[name].examples or [''])[0]}), or use `run`, which brings its own"
        for name in names
        if not _is_set(getattr(settings, name))
    ]
    if missing:
        raise SettingsError("\n".join(missing))
    return settings


def _is_set(value: object) -> bool:
    return bool(value.get_secret_value() if isinstance(value, SecretStr) else value)
