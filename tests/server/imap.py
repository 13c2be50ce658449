"""A real IMAP server in the test's own loop (pymap, in memory), and a mail program that uses it."""

import asyncio
import ssl
from argparse import Namespace
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from imapclient import IMAPClient
from proxyprotocol.reader import ProxyProtocolReader
from pymap.backend.dict import Config, DictBackend, Identity, Login
from pymap.exceptions import InvalidAuth
from pymap.imap import IMAPServer
from pysasl import SASLAuth
from pysasl.creds.external import ExternalCredentials
from pysasl.exception import InvalidResponse
from pysasl.hashing import BuiltinHash
from pysasl.mechanism import ServerChallenge
from pysasl.mechanism.oauth import OAuth2Mechanism
from pysasl.mechanism.plain import PlainMechanism

USER = "reader@us.example"
PASSWORD = "p@ss:word/1"
FOLDER = "Journal/2026 März"
ARRIVED = datetime(2026, 11, 20, 12, tzinfo=UTC)


@dataclass
class ImapServer:
    """`port` speaks in the clear, `tls_port` TLS under `certificate`; `commands` is what clients
    said to it, but for mail programs of the test's own. `tokens` are good beside the password."""

    port: int
    tls_port: int
    certificate: Path
    commands: list[str] = field(default_factory=list)
    writers: list[asyncio.StreamWriter] = field(default_factory=list)
    is_open: bool = True
    tokens: set[str] = field(default_factory=set)

    def url(self, *, password: str = "p%40ss%3Aword%2F1", folder: str = FOLDER) -> str:
        user = f"reader%40us.example:{password}" if password else "reader%40us.example"
        return f"imap://{user}@127.0.0.1:{self.port}/{folder}"

    async def hang_up(self) -> None:
        """Close every connection, as a server that is started anew."""
        for writer in self.writers:
            writer.close()
        self.writers.clear()
        await asyncio.sleep(0.05)

    async def use(self, work: Callable[[IMAPClient], Any]) -> Any:
        """Let a mail program do something in the mailbox."""
        kept = len(self.commands)
        result = await asyncio.to_thread(self._use, work)
        del self.commands[kept:]
        return result

    def _use(self, work: Callable[[IMAPClient], Any]) -> Any:
        with IMAPClient("127.0.0.1", self.port, ssl=False) as client:
            client.login(USER, PASSWORD)
            return work(client)

    async def deliver(self, *mails: bytes, at: datetime = ARRIVED) -> None:
        """Put mails into the folder, unread."""

        def append(client: IMAPClient) -> None:
            for mail in mails:
                client.append(FOLDER, mail, msg_time=at)

        await self.use(append)

    async def flags(self) -> list[tuple[bytes, ...]]:
        """The flags of every message, but for those that the server gives by itself."""

        def look(client: IMAPClient) -> list[tuple[bytes, ...]]:
            client.select_folder(FOLDER, readonly=True)
            found = client.get_flags(client.search())
            return [tuple(set(found[uid]) - {b"\\Recent"}) for uid in sorted(found)]

        flags: list[tuple[bytes, ...]] = await self.use(look)
        return flags


class _Tokens(OAuth2Mechanism):
    """XOAUTH2 as the large providers speak it: why a token is refused is told in a challenge, to
    be answered with nothing before the command fails."""

    def __init__(self, server: ImapServer) -> None:
        super().__init__()
        self._server = server

    def server_attempt(self, responses: Any) -> Any:
        credentials, final = super().server_attempt(responses)
        if credentials._token in self._server.tokens:
            return credentials, final
        if len(responses) == 1:
            raise ServerChallenge(b'{"status":"400","schemes":"Bearer"}')
        if responses[1].response:
            raise InvalidResponse
        return ExternalCredentials(""), None


class _Config(Config):
    server: ImapServer

    @property
    def tls_auth(self) -> SASLAuth:
        return SASLAuth([PlainMechanism(), _Tokens(self.server)])


class _Login(Login):
    async def authenticate(self, credentials: Any) -> Identity:
        if not isinstance(credentials, ExternalCredentials):
            return await super().authenticate(credentials)
        if credentials.authzid != USER:
            raise InvalidAuth
        return self.demo_user_identity


@asynccontextmanager
async def imap_server(folder: Path) -> AsyncIterator[ImapServer]:
    """A server with one empty folder; `folder` is where its certificate is put."""
    certificate, key = make_certificate(folder)
    config = _Config.from_args(
        Namespace(
            host=["127.0.0.1"],
            port="0",
            tls=False,
            cert=None,
            key=None,
            proxy_protocol=None,
            inherited_sockets=None,
            debug=False,
            passlib_cfg=None,
            demo_data=False,
            demo_user=USER,
            demo_password=PASSWORD,
        ),
        # Half a million rounds, as it is by itself, take a fifth of a second at every login.
        hash_context=BuiltinHash(rounds=1),
    )
    config.apply_context()
    server = config.server = ImapServer(0, 0, certificate)
    login = _Login(config)
    await DictBackend._add_demo_user(config, login)
    serve = _watched(
        server,
        ProxyProtocolReader(config.proxy_protocol).get_callback(IMAPServer(login, config)),
    )
    tls = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    tls.load_cert_chain(certificate, key)
    plain = await asyncio.start_server(serve, "127.0.0.1", 0)
    secure = await asyncio.start_server(serve, "127.0.0.1", 0, ssl=tls)
    server.port = plain.sockets[0].getsockname()[1]
    server.tls_port = secure.sockets[0].getsockname()[1]
    await server.use(lambda client: client.create_folder(FOLDER))
    try:
        yield server
    finally:
        await server.hang_up()
        plain.close()
        secure.close()


def _watched(server: ImapServer, serve: Any) -> Any:
    async def serve_one(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if not server.is_open:
            writer.close()
            return
        server.writers.append(writer)
        readline = reader.readline

        async def noted() -> bytes:
            line = await readline()
            server.commands.append(line.decode("ascii", "replace").strip().partition(" ")[2])
            return line

        reader.readline = noted  # type: ignore[method-assign]
        await serve(reader, writer)

    return serve_one


def make_certificate(folder: Path) -> tuple[Path, Path]:
    """A self-signed certificate for 127.0.0.1, and its key."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "127.0.0.1")])
    now = datetime.now(UTC)
    local = x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))])
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(local, critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    paths = folder / "certificate.pem", folder / "key.pem"
    paths[0].write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    paths[1].write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    )
    return paths
