"""Amazon SNS: is this message signed by Amazon, and sent through a topic of ours?

https://docs.aws.amazon.com/sns/latest/dg/sns-verify-signature-of-message.html

Amazon signs the messages of anyone's topics, so a right signature is half of the proof: the
TopicArn must be one we know, before anything is fetched or confirmed.
"""

import re
from base64 import b64decode
from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import urlsplit

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.hashes import SHA1, SHA256

from intake.certificates import Certificates
from intake.reading import read_json
from intake.requests import Handshake, Refused, WebhookRequest

NOTIFICATION = "Notification"
SUBSCRIPTION = "SubscriptionConfirmation"
UNSUBSCRIPTION = "UnsubscribeConfirmation"

SIGNED = {
    NOTIFICATION: ("Message", "MessageId", "Subject", "Timestamp", "TopicArn", "Type"),
    SUBSCRIPTION: (
        "Message",
        "MessageId",
        "SubscribeURL",
        "Timestamp",
        "Token",
        "TopicArn",
        "Type",
    ),
}
"""The fields that are signed, in that order; Subject only where there is one."""
SIGNED[UNSUBSCRIPTION] = SIGNED[SUBSCRIPTION]

HASHES: dict[str, type[SHA1] | type[SHA256]] = {"1": SHA1, "2": SHA256}
"""SignatureVersion → hash."""

_HOST = re.compile(r"sns\.[a-z]{2,4}(?:-[a-z]+)+-\d{1,2}\.amazonaws\.com(?:\.cn)?")
_CERTIFICATE = re.compile(r"/SimpleNotificationService-[0-9a-zA-Z]{1,64}\.pem")


def read_message(body: bytes) -> dict[str, Any]:
    """The SNS message. Raises ValueError for anything else."""
    message = read_json(body)
    if not isinstance(message, dict) or message.get("Type") not in SIGNED:
        raise ValueError("Amazon SNS sends an object whose Type is one of " + ", ".join(SIGNED))
    needed = [name for name in SIGNED[message["Type"]] if name != "Subject"]
    missing = [name for name in needed if not isinstance(message.get(name), str)]
    if missing:
        raise ValueError(f"the SNS message has no {missing[0]}")
    return message


async def authenticate(
    request: WebhookRequest, settings: Sequence[Mapping[str, str]], certificates: Certificates
) -> None:
    """Return if Amazon signed the message for one of our topics. Raises Refused."""
    message = _readable(request)
    if message["TopicArn"] not in {one.get("topic_arn") for one in settings}:
        raise _refused(f"the topic {message['TopicArn'][:200]!r} is no topic_arn in PROVIDERS")
    version, url = message.get("SignatureVersion"), message.get("SigningCertURL")
    hashing = HASHES.get(version) if isinstance(version, str) else None
    if hashing is None or not isinstance(message.get("Signature"), str):
        raise Refused(401, "UNSIGNED", "Amazon SES: the message has no signature we know.")
    if not isinstance(url, str) or not is_certificate_url(url):
        raise _refused("SigningCertURL is no certificate of Amazon SNS")
    key = await certificates.key(url)
    try:
        signature = b64decode(message["Signature"], validate=True)
        key.verify(signature, signed_text(message), PKCS1v15(), hashing())
    except (InvalidSignature, ValueError):
        raise _refused("the signature is not Amazon's") from None


def handshake(request: WebhookRequest) -> Handshake | None:
    """What to do with a (verified) message about the subscription itself. Raises Refused."""
    message = _readable(request)
    if message["Type"] == SUBSCRIPTION:
        if not is_subscribe_url(message["SubscribeURL"]):
            raise _refused("SubscribeURL does not lead to Amazon SNS")
        return Handshake(message["SubscribeURL"])
    return Handshake() if message["Type"] == UNSUBSCRIPTION else None


def signed_text(message: Mapping[str, Any]) -> bytes:
    """The bytes that Amazon signs: each field's name and value on a line of its own."""
    names = [name for name in SIGNED[message["Type"]] if message.get(name) is not None]
    return "".join(f"{name}\n{message[name]}\n" for name in names).encode()


def is_certificate_url(url: str) -> bool:
    """Whether the URL is of a certificate on a host of Amazon SNS, over HTTPS."""
    parts = _on_amazon(url)
    return parts is not None and bool(_CERTIFICATE.fullmatch(parts.path)) and not parts.query


def is_subscribe_url(url: str) -> bool:
    """Whether the URL confirms a subscription at Amazon SNS, over HTTPS."""
    parts = _on_amazon(url)
    return parts is not None and parts.path in ("", "/") and "ConfirmSubscription" in parts.query


def _on_amazon(url: str) -> Any:
    try:
        parts = urlsplit(url)
    except ValueError:
        return None
    return parts if parts.scheme == "https" and _HOST.fullmatch(parts.netloc) else None


def _readable(request: WebhookRequest) -> dict[str, Any]:
    try:
        return read_message(request.body)
    except ValueError as error:
        message = f"Amazon SES: the body cannot be read: {error}."
        raise Refused(400, "DAMAGED_PAYLOAD", message) from error


def _refused(why: str) -> Refused:
    return Refused(403, "WRONG_SIGNATURE", f"Amazon SES: {why}.")
