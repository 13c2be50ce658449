"""What each provider's webhook says of an act, in the provider's own words.

Written by the providers' documentation: SendGrid's event reference, Postmark's webhooks overview,
Mailgun's event structure, Brevo's transactional webhooks, SparkPost's event reference.
"""

import base64
import hashlib
import uuid
from collections.abc import Callable
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


def _act_id(act: Act) -> str:
    link = act.link.path if act.link else ""
    return digest("act", message_id(act), act.kind, act.at.timestamp(), link).hex()


def _stamp(at: datetime) -> int:
    return int(at.timestamp())


def sendgrid(act: Act) -> Payload | None:
    """An element of SendGrid's array; repetitions get a new `sg_event_id`, as SendGrid's do."""
    kinds = {
        "accepted": "processed", "deferred": "deferred", "delivered": "delivered",
        "soft bounce": "bounce", "hard bounce": "bounce", "opened": "open", "clicked": "click",
        "unsubscribed": "unsubscribe", "complained": "spamreport",
    }  # fmt: skip
    if act.kind not in kinds:
        return None
    message = message_id(act)
    payload: Payload = {
        "email": act.address,
        "timestamp": _stamp(act.at),
        "event": kinds[act.kind],
        "sg_event_id": f"{_act_id(act)[:20]}{act.repeat:02}",
        "sg_message_id": f"{message}.recvd-6f9c4d7b8-{message[:5].lower()}-1-65A1B2C3-1F.0",
        "smtp-id": f"<{message}@geopod-ismtpd-12>",
    }
    return payload | _sendgrid_campaign(act) | _sendgrid_detail(act)


def _sendgrid_campaign(act: Act) -> Payload:
    campaign = act.campaign
    if campaign.evidence == "id":
        return {"singlesend_id": campaign.external_id, "singlesend_name": campaign.name}
    return {"category": [_tag(act)]}


def _tag(act: Act) -> str:
    """Declared tags are the campaign's id, undeclared ones a word of the marketing people."""
    campaign = act.campaign
    if campaign.is_registered or campaign.name == "Password reset":
        return campaign.external_id
    return campaign.name.split(":")[-1].strip().lower().replace(" ", "-")


def _sendgrid_detail(act: Act) -> Payload:
    match act.kind:
        case "hard bounce":
            return {"type": "bounce", "status": HARD[1], "reason": HARD[2], "ip": "149.72.0.1"}
        case "soft bounce":
            return {"type": "blocked", "status": SOFT[1], "reason": SOFT[2], "ip": "149.72.0.1"}
        case "deferred":
            return {"response": SLOW[2], "attempt": "1"}
        case "delivered":
            return {"response": "250 2.0.0 OK", "tls": 1}
        case "opened":
            flag = {"sg_machine_open": act.is_flagged}
            return {"useragent": act.agent, "ip": act.ip, "sg_content_type": "html"} | flag
        case "clicked":
            offset = {"index": 0, "type": "html"}
            return {"useragent": act.agent, "ip": act.ip, "url": _url(act), "url_offset": offset}
        case _:
            return {}


def _url(act: Act) -> str:
    return act.link.url if act.link else ""


def postmark(act: Act) -> Payload | None:
    """One of Postmark's records; it reports no acceptance and no deferral."""
    builders = {
        "delivered": _postmark_delivery, "opened": _postmark_open, "clicked": _postmark_click,
        "hard bounce": _postmark_bounce, "soft bounce": _postmark_bounce,
        "complained": _postmark_bounce, "unsubscribed": _postmark_unsubscribe,
    }  # fmt: skip
    if act.kind not in builders:
        return None
    name = digest("message", act.campaign.external_id, act.campaign.sent_at, act.address)
    common = {
        "MessageID": str(uuid.UUID(bytes=name)),
        "MessageStream": "broadcast",
        "ServerID": 23,
        "Tag": _tag(act),
        "Metadata": {},
    }
    return common | builders[act.kind](act)


def _postmark_delivery(act: Act) -> Payload:
    return {
        "RecordType": "Delivery",
        "Recipient": act.address,
        "DeliveredAt": act.at.isoformat().replace("+00:00", "Z"),
        "Details": "smtp;250 2.0.0 OK",
    }


def _postmark_open(act: Act) -> Payload:
    return {
        "RecordType": "Open",
        "Recipient": act.address,
        "ReceivedAt": act.at.isoformat().replace("+00:00", "Z"),
        "FirstOpen": True,
        "UserAgent": act.agent,
        "Platform": "Unknown",
        "Geo": {"IP": act.ip},
    }


def _postmark_click(act: Act) -> Payload:
    return {
        "RecordType": "Click",
        "Recipient": act.address,
        "ReceivedAt": act.at.isoformat().replace("+00:00", "Z"),
        "OriginalLink": _url(act),
        "ClickLocation": "HTML",
        "UserAgent": act.agent,
        "Platform": "Desktop",
        "Geo": {"IP": act.ip},
    }


def _postmark_bounce(act: Act) -> Payload:
    types = {
        "hard bounce": ("Bounce", "HardBounce", 1, HARD[2]),
        "soft bounce": ("Bounce", "SoftBounce", 4096, SOFT[2]),
        "complained": ("SpamComplaint", "SpamComplaint", 512, "Marked as spam"),
    }
    record, kind, code, details = types[act.kind]
    return {
        "RecordType": record,
        "ID": int(_act_id(act)[:10], 16),
        "Type": kind,
        "TypeCode": code,
        "Name": kind,
        "Email": act.address,
        "From": act.campaign.sender,
        "Subject": act.campaign.subject,
        "BouncedAt": act.at.isoformat().replace("+00:00", "Z"),
        "Details": details,
        "Inactive": act.kind != "soft bounce",
        "CanActivate": True,
    }


def _postmark_unsubscribe(act: Act) -> Payload:
    return {
        "RecordType": "SubscriptionChange",
        "Recipient": act.address,
        "ChangedAt": act.at.isoformat().replace("+00:00", "Z"),
        "Origin": "Recipient",
        "SuppressSending": True,
        "SuppressionReason": "ManualSuppression",
    }


def mailgun(act: Act) -> Payload | None:
    """Mailgun's `event-data`; the signature is put beside it when it is sent."""
    kinds = {
        "delivered": "delivered", "opened": "opened", "clicked": "clicked",
        "hard bounce": "failed", "soft bounce": "failed", "deferred": "failed",
        "unsubscribed": "unsubscribed", "complained": "complained",
    }  # fmt: skip
    if act.kind not in kinds:
        return None
    is_reading = act.kind in ("opened", "clicked", "unsubscribed")
    headers = {"message-id": f"{message_id(act)}@mg.northlake.example"}
    if not is_reading:
        headers |= {"to": act.address, "from": act.campaign.sender, "subject": act.campaign.subject}
    fact: Payload = {
        "id": _act_id(act)[:22],
        "event": kinds[act.kind],
        "timestamp": act.at.timestamp(),
        "recipient": act.address,
        "message": {"headers": headers},
        "tags": [_tag(act)] if act.campaign.evidence == "tag" else [],
        "campaigns": [],
        "user-variables": {},
    }
    if act.kind == "clicked":
        fact["url"] = _url(act)
    if is_reading:
        fact["ip"] = act.ip
        fact["client-info"] = {"user-agent": act.agent, "bot": "apple" if act.is_flagged else ""}
    return fact | _mailgun_failure(act)


def _mailgun_failure(act: Act) -> Payload:
    failures = {"hard bounce": HARD, "soft bounce": SOFT, "deferred": SLOW}
    if act.kind not in failures:
        return {}
    code, enhanced, text = failures[act.kind]
    return {
        "severity": "temporary" if act.kind == "deferred" else "permanent",
        "reason": "generic" if act.kind == "deferred" else "bounce",
        "delivery-status": {"code": int(code), "enhanced-code": enhanced, "message": text},
    }


def brevo(act: Act) -> Payload | None:
    """Brevo's transactional event; opens through Apple's proxy have a name of their own."""
    kinds = {
        "accepted": "request", "delivered": "delivered", "deferred": "deferred",
        "hard bounce": "hard_bounce", "soft bounce": "soft_bounce", "opened": "opened",
        "clicked": "click", "unsubscribed": "unsubscribe", "complained": "spam",
    }  # fmt: skip
    if act.kind not in kinds:
        return None
    payload: Payload = {
        "event": "proxy_open" if act.is_flagged else kinds[act.kind],
        "email": act.address,
        "id": 26224,
        "message-id": f"<{message_id(act)}@smtp-relay.mailin.fr>",
        "ts_epoch": _stamp(act.at) * 1000,
        "ts_event": _stamp(act.at),
        "date": f"{act.at:%Y-%m-%d %H:%M:%S}",
        "subject": act.campaign.subject,
        "sender_email": act.campaign.sender.split("<")[-1].rstrip(">"),
    }
    if act.kind == "clicked":
        payload["link"] = _url(act)
    if act.kind in ("hard bounce", "soft bounce"):
        payload["reason"] = HARD[2] if act.kind == "hard bounce" else SOFT[2]
    return payload


def sparkpost(act: Act) -> Payload | None:
    """An element of SparkPost's array: the event inside its class inside `msys`."""
    kinds = {
        "accepted": ("message_event", "injection"), "delivered": ("message_event", "delivery"),
        "deferred": ("message_event", "delay"), "hard bounce": ("message_event", "bounce"),
        "soft bounce": ("message_event", "bounce"),
        "complained": ("message_event", "spam_complaint"),
        "opened": ("track_event", "open"), "clicked": ("track_event", "click"),
        "unsubscribed": ("unsubscribe_event", "link_unsubscribe"),
    }  # fmt: skip
    if act.kind not in kinds:
        return None
    family, kind = kinds[act.kind]
    event: Payload = {
        "type": kind,
        "event_id": str(int(_act_id(act)[:15], 16)),
        "timestamp": str(_stamp(act.at)),
        "message_id": message_id(act),
        "transmission_id": str(int(digest(act.campaign.external_id).hex()[:12], 16)),
        "campaign_id": act.campaign.external_id,
        "rcpt_to": act.address.lower(),
        "raw_rcpt_to": act.address,
        "subject": act.campaign.subject,
        "friendly_from": act.campaign.sender,
    }
    return {"msys": {family: event | _sparkpost_detail(act)}}


def _sparkpost_detail(act: Act) -> Payload:
    match act.kind:
        case "hard bounce":
            return {"bounce_class": "10", "error_code": "550", "raw_reason": HARD[2]}
        case "soft bounce":
            return {"bounce_class": "22", "error_code": "452", "raw_reason": SOFT[2]}
        case "deferred":
            return {"bounce_class": "20", "error_code": "421", "raw_reason": SLOW[2]}
        case "opened" | "clicked":
            reading = {"user_agent": act.agent, "ip_address": act.ip}
            return reading | ({"target_link_url": _url(act)} if act.link else {})
        case _:
            return {}


PAYLOADS: dict[str, Callable[[Act], Payload | None]] = {
    "sendgrid": sendgrid,
    "postmark": postmark,
    "mailgun": mailgun,
    "brevo": brevo,
    "sparkpost": sparkpost,
}
"""Provider → how it reports an act; None where it says nothing of such an act."""

BATCHED = frozenset({"sendgrid", "sparkpost"})
"""Providers that report many events in one request."""
