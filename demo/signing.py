"""How providers sign what they send, from the sender's side.

SendGrid: ECDSA over P-256 and SHA-256 of timestamp and body. Mailgun: HMAC-SHA256 of timestamp and
token, put into the body. Postmark, Brevo, SparkPost: HTTP basic authentication.
"""

import base64
import hashlib
import hmac
from dataclasses import dataclass

import orjson
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import load_pem_private_key

from demo.providers.naming import Payload, digest
from demo.secrets import Secrets


@dataclass(frozen=True, slots=True)
class Signed:
    """A request that its provider vouches for, ready to be posted to /webhooks/{provider}."""

    provider: str
    body: bytes
    headers: dict[str, str]
    events: int


class Signer:
    """Holds the keys; one for the whole demonstration."""

    def __init__(self, secrets: Secrets) -> None:
        self._secrets = secrets
        key = load_pem_private_key(secrets.sendgrid_private_key.encode(), None)
        if not isinstance(key, ec.EllipticCurvePrivateKey):
            raise ValueError("the secrets file holds no elliptic curve key for SendGrid")
        self._sendgrid = key

    def sign(self, provider: str, payloads: list[Payload], *, at: int) -> Signed:
        """Sign one request of a provider with the time `at` (seconds since 1970).

        `payloads` are its events: one for a provider that does not batch.
        """
        match provider:
            case "sendgrid":
                body = orjson.dumps(payloads)
                return Signed(provider, body, self.sendgrid_headers(body, at), len(payloads))
            case "mailgun":
                body = self._mailgun_body(payloads[0], at)
                return Signed(provider, body, {"content-type": "application/json"}, 1)
            case "sparkpost":
                return self._with_password(provider, orjson.dumps(payloads), len(payloads))
            case _:
                return self._with_password(provider, orjson.dumps(payloads[0]), 1)

    def sendgrid_headers(self, body: bytes, at: int) -> dict[str, str]:
        """SendGrid's signature of a body."""
        stamp = str(at)
        signature = self._sendgrid.sign(stamp.encode() + body, ec.ECDSA(hashes.SHA256()))
        return {
            "content-type": "application/json",
            "x-twilio-email-event-webhook-timestamp": stamp,
            "x-twilio-email-event-webhook-signature": base64.b64encode(signature).decode(),
        }

    def _mailgun_body(self, payload: Payload, at: int) -> bytes:
        token = digest("token", payload["id"]).hex() + digest("more", payload["id"]).hex()[:18]
        key = self._secrets.providers["mailgun"]["webhook_signing_key"]
        signature = hmac.new(key.encode(), f"{at}{token}".encode(), hashlib.sha256).hexdigest()
        proof = {"timestamp": str(at), "token": token, "signature": signature}
        return orjson.dumps({"signature": proof, "event-data": payload})

    def _with_password(self, provider: str, body: bytes, events: int) -> Signed:
        secret = self._secrets.providers[provider]["webhook_secret"]
        credentials = base64.b64encode(secret.encode()).decode()
        headers = {"content-type": "application/json", "authorization": f"Basic {credentials}"}
        return Signed(provider, body, headers, events)
