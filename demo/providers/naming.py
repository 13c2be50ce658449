"""What all providers' payloads draw on: names of messages and acts, answers of mail servers."""

import base64
import hashlib
from datetime import datetime
from typing import Any

from demo.traffic import Act

Payload = dict[str, Any]

HARD = ("550", "5.1.1", "550 5.1.1 The email account that you tried to reach does not exist")
SOFT = ("452", "4.2.2", "452 4.2.2 The recipient's mailbox is full")
SLOW = ("421", "4.7.0", "421 4.7.0 Try again later, closing connection")


def digest(*parts: object) -> bytes:
    """Sixteen bytes that name whatever the parts name."""
    return hashlib.blake2b("\x1f".join(map(str, parts)).encode(), digest_size=16).digest()


def message_id(act: Act) -> str:
    """The provider's id of the message: 22 characters, the same for all acts upon it."""
    name = digest("message", act.campaign.external_id, act.campaign.sent_at, act.address)
    return base64.urlsafe_b64encode(name).rstrip(b"=").decode()


def act_id(act: Act) -> str:
    """32 hexadecimal digits that name the act, the same for its repetitions."""
    link = act.link.path if act.link else ""
    return digest("act", message_id(act), act.kind, act.at.timestamp(), link).hex()


def stamp(at: datetime) -> int:
    """Seconds since 1970."""
    return int(at.timestamp())


def tag(act: Act) -> str:
    """Declared tags are the campaign's id, undeclared ones a word of the marketing people."""
    campaign = act.campaign
    if campaign.is_registered or campaign.name == "Password reset":
        return campaign.external_id
    return campaign.name.split(":")[-1].strip().lower().replace(" ", "-")


def url(act: Act) -> str:
    """Where the clicked link leads; "" for acts that are no clicks."""
    return act.link.url if act.link else ""
