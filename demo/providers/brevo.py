"""Brevo: one transactional event a request.

https://developers.brevo.com/docs/transactional-webhooks
"""

from demo.providers.naming import HARD, SOFT, Payload, message_id, stamp, url
from demo.traffic import Act


def payload(act: Act) -> Payload | None:
    """Brevo's transactional event; opens through Apple's proxy have a name of their own."""
    kinds = {
        "accepted": "request", "delivered": "delivered", "deferred": "deferred",
        "hard bounce": "hard_bounce", "soft bounce": "soft_bounce", "opened": "opened",
        "clicked": "click", "unsubscribed": "unsubscribe", "complained": "spam",
    }  # fmt: skip
    if act.kind not in kinds:
        return None
    found: Payload = {
        "event": "proxy_open" if act.is_flagged else kinds[act.kind],
        "email": act.address,
        "id": 26224,
        "message-id": f"<{message_id(act)}@smtp-relay.mailin.fr>",
        "ts_epoch": stamp(act.at) * 1000,
        "ts_event": stamp(act.at),
        "date": f"{act.at:%Y-%m-%d %H:%M:%S}",
        "subject": act.campaign.subject,
        "sender_email": act.campaign.sender.split("<")[-1].rstrip(">"),
    }
    if act.kind == "clicked":
        found["link"] = url(act)
    if act.kind in ("hard bounce", "soft bounce"):
        found["reason"] = HARD[2] if act.kind == "hard bounce" else SOFT[2]
    return found
