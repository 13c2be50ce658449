"""SparkPost: elements of the array its event webhook posts.

https://developers.sparkpost.com/api/webhooks/
"""

from demo.providers.naming import HARD, SLOW, SOFT, Payload, act_id, digest, message_id, stamp, url
from demo.traffic import Act


def payload(act: Act) -> Payload | None:
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
        "event_id": str(int(act_id(act)[:15], 16)),
        "timestamp": str(stamp(act.at)),
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
            return reading | ({"target_link_url": url(act)} if act.link else {})
        case _:
            return {}
