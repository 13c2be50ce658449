"""Mailgun: one event a request; the signature is put beside it when it is sent.

https://documentation.mailgun.com/docs/mailgun/user-manual/events/webhooks
"""

from demo.providers.naming import HARD, SLOW, SOFT, Payload, act_id, message_id, tag, url
from demo.traffic import Act


def payload(act: Act) -> Payload | None:
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
        "id": act_id(act)[:22],
        "event": kinds[act.kind],
        "timestamp": act.at.timestamp(),
        "recipient": act.address,
        "message": {"headers": headers},
        "tags": [tag(act)] if act.campaign.evidence == "tag" else [],
        "campaigns": [],
        "user-variables": {},
    }
    if act.kind == "clicked":
        fact["url"] = url(act)
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
