"""Twilio SendGrid: elements of the array its event webhook posts.

https://www.twilio.com/docs/sendgrid/for-developers/tracking-events/event
"""

from demo.providers.naming import HARD, SLOW, SOFT, Payload, act_id, message_id, stamp, tag, url
from demo.traffic import Act


def payload(act: Act) -> Payload | None:
    """An element of SendGrid's array; repetitions get a new `sg_event_id`, as SendGrid's do."""
    kinds = {
        "accepted": "processed", "deferred": "deferred", "delivered": "delivered",
        "soft bounce": "bounce", "hard bounce": "bounce", "opened": "open", "clicked": "click",
        "unsubscribed": "unsubscribe", "complained": "spamreport",
    }  # fmt: skip
    if act.kind not in kinds:
        return None
    message = message_id(act)
    found: Payload = {
        "email": act.address,
        "timestamp": stamp(act.at),
        "event": kinds[act.kind],
        "sg_event_id": f"{act_id(act)[:20]}{act.repeat:02}",
        "sg_message_id": f"{message}.recvd-6f9c4d7b8-{message[:5].lower()}-1-65A1B2C3-1F.0",
        "smtp-id": f"<{message}@geopod-ismtpd-12>",
    }
    return found | _sendgrid_campaign(act) | _sendgrid_detail(act)


def _sendgrid_campaign(act: Act) -> Payload:
    campaign = act.campaign
    if campaign.evidence == "id":
        return {"singlesend_id": campaign.external_id, "singlesend_name": campaign.name}
    return {"category": [tag(act)]}


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
            return {"useragent": act.agent, "ip": act.ip, "url": url(act), "url_offset": offset}
        case _:
            return {}
