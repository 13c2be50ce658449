"""Postmark: one record a request.

https://postmarkapp.com/developer/webhooks/webhooks-overview
"""

import uuid

from demo.providers.naming import HARD, SOFT, Payload, act_id, digest, tag, url
from demo.traffic import Act


def payload(act: Act) -> Payload | None:
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
        "Tag": tag(act),
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
        "OriginalLink": url(act),
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
        "ID": int(act_id(act)[:10], 16),
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
