"""The mail merge of docs/tracking.md, run as it stands there, and what becomes of its mails."""

import asyncio
import re
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from pathlib import Path

import httpx

from tests.server.portfolio import Portfolio
from tests.server.reports import HUMAN
from tests.server.service import Service

DOCUMENT = Path(__file__).parents[2] / "docs" / "tracking.md"
PEOPLE = [f"ann{n}@{name}.com" for name in ("acme", "bolt", "core") for n in range(10)]
PEOPLE += [f"ann{n}+news@acme.com" for n in range(10)]
"""Forty addresses, ten of them aliases."""

CAMPAIGN = """
{ campaigns(first: 2) { nodes { name type detection { method }
    recipients(first: 50) { nodes { address matches { method } opens { human machine }
      clicks { human machine links { url human } } unsubscribedAt } } } } }
"""


class Sink:
    """A mail server that keeps what it is given."""

    def __init__(self) -> None:
        self.mails: list[EmailMessage] = []
        self.raw: list[bytes] = []

    async def talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"220 sink\r\n")
        while line := await reader.readline():
            verb = line[:4].upper()
            if verb == b"DATA":
                writer.write(b"354 go on\r\n")
                content = (await reader.readuntil(b"\r\n.\r\n"))[:-3].replace(b"\r\n..", b"\r\n.")
                self.raw.append(content)
                self.mails.append(message_from_bytes(content, policy=default))
            writer.write(b"221 bye\r\n" if verb == b"QUIT" else b"250 ok\r\n")
            if verb == b"QUIT":
                break
        writer.close()


@asynccontextmanager
async def mail_server(sink: Sink) -> AsyncIterator[str]:
    server = await asyncio.start_server(sink.talk, "127.0.0.1", limit=2**20)
    async with server:
        host, port = server.sockets[0].getsockname()
        yield f"{host}:{port}"


async def merge(service: Service, token: str, folder: Path) -> Sink:
    """Run the example of the document for PEOPLE."""
    (code,) = re.findall(r"```python\n(.*?)```", DOCUMENT.read_text(), re.DOTALL)
    (folder / "merge.py").write_text(code)
    rows = [f"{address},Ann & Söhne" for address in PEOPLE]
    (folder / "people.csv").write_text("\n".join(["email,name", *rows, "nobody,X"]))
    sink = Sink()
    async with mail_server(sink) as address:
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "merge.py", service.url, token, address, "people.csv"),
            cwd=folder,
            stderr=asyncio.subprocess.PIPE,
        )
        _, said = await process.communicate()
    assert said.decode().startswith("messages.40.address “nobody” is not an email address")
    assert process.returncode == 0
    return sink


async def test_a_mail_merge_becomes_a_campaign_whose_readers_are_seen(
    service: Service, portfolio: Portfolio, tmp_path: Path
) -> None:
    sink = await merge(service, portfolio.tokens["INTEGRATION"], tmp_path)
    assert [mail["To"] for mail in sink.mails] == PEOPLE
    for mail, raw in zip(sink.mails, sink.raw, strict=True):
        unsubscribe = mail["List-Unsubscribe"].strip("<>")
        assert f"\r\nList-Unsubscribe: <{unsubscribe}>\r\n".encode() in raw
        html = mail.get_body(("html",))
        assert html is not None
        links = re.findall(r"(?:href|src)=[\"']([^\"']*)", html.get_content())
        assert [link.split("/")[3] for link in links] == ["c", "u", "c", "o"]
        assert links[1] == unsubscribe
        assert unsubscribe in mail.get_body(("plain",)).get_content()  # type: ignore[union-attr]
        await _read(links, is_leaving=mail["To"] == PEOPLE[0])
    await portfolio.until("SELECT count(*) = 81 FROM event WHERE recipient_id IS NOT NULL")
    await portfolio.until("SELECT count(*) = 0 FROM projection_queue")
    await portfolio.until("SELECT NOT is_provisional FROM campaign WHERE provider = 'mail'")
    found = await service.ask(portfolio.tokens["MANAGER"], CAMPAIGN)
    (campaign,) = [c for c in found["campaigns"]["nodes"] if c["name"] == "Spring news"]
    assert campaign["type"] == "NEWSLETTER"
    recipients = {one["address"]: one for one in campaign["recipients"]["nodes"]}
    assert sorted(recipients) == sorted(PEOPLE)
    methods = [match["method"] for one in recipients.values() for match in one["matches"]]
    assert (methods.count("EXACT"), methods.count("ALIAS")) == (30, 10)
    for address, one in recipients.items():
        assert one["opens"] == {"human": 1, "machine": 0}
        assert one["clicks"] == {
            "human": 1,
            "machine": 0,
            "links": [{"url": "https://example.com/spring", "human": 1}],
        }
        assert (one["unsubscribedAt"] is not None) == (address == PEOPLE[0])


async def _read(links: list[str], *, is_leaving: bool) -> None:
    """Open the mail and follow its link, as people do."""
    async with httpx.AsyncClient(headers={"user-agent": HUMAN}) as client:
        assert (await client.get(links[3])).status_code == 200
        answer = await client.get(links[0])
        assert answer.headers["location"] == "https://example.com/spring"
        if is_leaving:
            assert (await client.post(links[1], data={"action": "unsubscribe"})).status_code == 200
