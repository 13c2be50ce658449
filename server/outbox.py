"""Sending mail as it goes over the wire."""

import asyncio
import smtplib
import ssl
from contextlib import suppress
from dataclasses import dataclass
from email.errors import MessageError
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime

from domain.addresses import domain_of
from domain.digests import Letter
from jobs.digest import NotSent, Plan
from server.settings import Settings
from server.smtp_url import SmtpUrl

TIMEOUT_SECONDS = 30.0
"""What each answer of the server may take."""

PERMANENT = 500
"""Replies from here on say that trying again is in vain (RFC 5321 §4.2.1)."""


def compose(letter: Letter, sender: str) -> EmailMessage:
    """The mail: plain text and HTML, said to be automatic so that no absence note answers it
    (RFC 3834 §5)."""
    mail = EmailMessage(policy=SMTP)
    mail["From"] = sender
    mail["To"] = letter.to
    mail["Subject"] = letter.subject
    mail["Date"] = format_datetime(letter.at)
    mail["Message-ID"] = letter.message_id
    mail["Auto-Submitted"] = "auto-generated"
    mail.set_content(letter.text)
    mail.add_alternative(letter.html, subtype="html")
    return mail


@dataclass(frozen=True, slots=True)
class Outbox:
    """Sends letters through one server, each over a connection of its own."""

    url: SmtpUrl
    sender: str

    async def send(self, letter: Letter) -> None:
        """Returns when the server has taken it. Raises NotSent."""
        await asyncio.to_thread(self._send, letter)

    def _send(self, letter: Letter) -> None:
        try:
            mail = compose(letter, self.sender)
            self._hand_over(mail)
        except smtplib.SMTPRecipientsRefused as error:
            code = min((code for code, _ in error.recipients.values()), default=0)
            message = f"the mail server refused the recipient ({code})"
            raise NotSent(message, is_final=code >= PERMANENT) from None
        except smtplib.SMTPResponseException as error:
            message = f"the mail server answered {error.smtp_code}"
            raise NotSent(message, is_final=_is_final(error)) from None
        except (MessageError, ValueError) as error:
            message = f"the mail cannot be written: {type(error).__name__}"
            raise NotSent(message, is_final=True) from None
        except (smtplib.SMTPException, OSError) as error:
            message = f"the mail server cannot be reached: {type(error).__name__}"
            raise NotSent(message) from None

    def _hand_over(self, mail: EmailMessage) -> None:
        connection = self._connected()
        try:
            connection.send_message(mail)
            # It is taken: whatever happens while we take leave must not have it sent again.
            with suppress(smtplib.SMTPException, OSError):
                connection.quit()
        finally:
            connection.close()

    def _connected(self) -> smtplib.SMTP:
        trusted = ssl.create_default_context()
        url = self.url
        connection = (
            smtplib.SMTP_SSL(url.host, url.port, timeout=TIMEOUT_SECONDS, context=trusted)
            if url.is_tls
            else smtplib.SMTP(url.host, url.port, timeout=TIMEOUT_SECONDS)
        )
        try:
            # Never in the clear, and never quietly so: a server without STARTTLS is an error.
            if not url.is_tls and not url.is_local:
                connection.starttls(context=trusted)
            if url.user:
                connection.login(url.user, url.password.get_secret_value())
        except BaseException:
            connection.close()
            raise
        return connection


def _is_final(error: smtplib.SMTPResponseException) -> bool:
    """What is wrong with the mail stays so; a wrong password or sender is put right."""
    is_ours = isinstance(error, smtplib.SMTPAuthenticationError | smtplib.SMTPSenderRefused)
    return error.smtp_code >= PERMANENT and not is_ours


def plan_of(settings: Settings) -> Plan:
    """When and how digests are made under these settings."""
    url = settings.smtp
    return Plan(
        hour=settings.digest_hour,
        zone=settings.digest_timezone,
        url=settings.base_url,
        host=domain_of(settings.mail_from) if settings.mail_from else "",
        send=None if url is None else Outbox(url, settings.mail_from).send,
    )
