"""Sign a payload as each provider does: `sign(provider, body)` → a whole request.

The settings under which the request passes stand in SETTINGS, as PROVIDERS would have them.
"""

import base64
import hashlib
import hmac
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import parse_qsl, urlencode

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.x509.oid import NameOID

from intake.certificates import Certificates
from intake.sns import HASHES, signed_text
from intake.webhooks import WebhookRequest

NOW = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
BASE_URL = "https://engagement.example.com/webhooks/"
JSON = {"content-type": "application/json"}
FORM = {"content-type": "application/x-www-form-urlencoded"}

PASSWORD = "postman:knocks-twice"
BRAZE_TOKEN = "braze-token-of-26-letters"
CUSTOMERIO_KEY = "customerio-signing-key"
ITERABLE_TOKEN = "iterable-token-of-29-letters"
KLAVIYO_KEY = "klaviyo-secret-key"
KLAVIYO_WEBHOOK = "01KP4928STE8FKCWB6WDHZ4ZB7"
MAILCHIMP_SECRET = "mailchimp+secret/of 32 letters &"
HUBSPOT_SECRET = "yyyyyyyy-yyyy-yyyy-yyyy-yyyyyyyyyyyy"
MAILGUN_KEY = "mailgun-key-4f2c"
MAILERSEND_SECRET = "mailersend-secret"
MAILTRAP_SECRET = "mailtrap-secret"
MANDRILL_KEY = "mandrill-key"
RESEND_SECRET = "whsec_" + base64.b64encode(b"a secret of thirty-two bytes, ok").decode()
UNISENDER_KEY = "unisender-api-key"
TOPIC_ARN = "arn:aws:sns:eu-west-1:123456789012:ses-events"
CERTIFICATE_URL = (
    "https://sns.eu-west-1.amazonaws.com/SimpleNotificationService-0123456789abcdef.pem"
)

SENDGRID_KEY = ec.generate_private_key(ec.SECP256R1())
POSTAL_KEY = rsa.generate_private_key(public_exponent=65537, key_size=2048)
AMAZON_KEY = rsa.generate_private_key(public_exponent=65537, key_size=2048)


def public_base64(key: Any) -> str:
    """A public key as SendGrid and Postal show it: DER in base64."""
    der = key.public_key().public_bytes(
        serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    return base64.b64encode(der).decode()


SETTINGS: Mapping[str, dict[str, str]] = {
    "amazon-ses": {"topic_arn": TOPIC_ARN},
    "braze": {"bearer_token": BRAZE_TOKEN},
    "brevo": {"webhook_secret": PASSWORD},
    "customerio": {"signing_key": CUSTOMERIO_KEY},
    "hubspot": {"client_secret": HUBSPOT_SECRET},
    "iterable": {"auth_token": ITERABLE_TOKEN},
    "klaviyo": {"secret_key": KLAVIYO_KEY},
    "mailchimp": {"url_secret": MAILCHIMP_SECRET},
    "mailersend": {"signing_secret": MAILERSEND_SECRET},
    "mailgun": {"webhook_signing_key": MAILGUN_KEY},
    "mailjet": {"webhook_secret": PASSWORD},
    "mailtrap": {"tracking_secret": MAILTRAP_SECRET},
    "mandrill": {"webhook_key": MANDRILL_KEY},
    "postal": {"webhook_key": public_base64(POSTAL_KEY)},
    "postmark": {"webhook_secret": PASSWORD},
    "resend": {"signing_secret": RESEND_SECRET},
    "sendgrid": {"tracking_webhook_verification_key": public_base64(SENDGRID_KEY)},
    "sparkpost": {"webhook_secret": PASSWORD},
    "unisender-go": {"api_key": UNISENDER_KEY},
}


@dataclass(frozen=True)
class Signed:
    """Headers, body and the URL's query of a signed request."""

    headers: dict[str, str]
    body: bytes
    query: str = ""


def sign(provider: str, body: bytes, *, at: datetime = NOW) -> WebhookRequest:
    """The request that the provider would send of this body."""
    signed = SIGNERS[provider](body, at)
    return WebhookRequest(
        body=signed.body,
        headers=signed.headers,
        query=signed.query,
        url=BASE_URL + provider + (f"?{signed.query}" if signed.query else ""),
        received_at=at,
    )


def basic_auth(credentials: str = PASSWORD) -> dict[str, str]:
    """The header of user:password (RFC 7617)."""
    return {"authorization": "Basic " + base64.b64encode(credentials.encode()).decode()}


def sign_basic(body: bytes, at: datetime) -> Signed:
    """Brevo, Mailjet, Postmark and SparkPost sign nothing: the URL has user:password@."""
    return Signed(JSON | basic_auth(), body)


def sign_customerio(body: bytes, at: datetime, key: str = CUSTOMERIO_KEY) -> Signed:
    """HMAC over version, timestamp and body."""
    timestamp = str(int(at.timestamp()))
    signed = f"v0:{timestamp}:".encode() + body
    digest = hmac.new(key.encode(), signed, hashlib.sha256).hexdigest()
    return Signed(JSON | {"x-cio-signature": digest, "x-cio-timestamp": timestamp}, body)


def sign_klaviyo(body: bytes, at: datetime, key: str = KLAVIYO_KEY) -> Signed:
    """HMAC over body and timestamp, which is an HTTP date."""
    timestamp = at.strftime("%a, %d %b %Y %H:%M:%S GMT")
    digest = hmac.new(key.encode(), body + timestamp.encode(), hashlib.sha256).hexdigest()
    headers = {
        "klaviyo-signature": digest,
        "klaviyo-timestamp": timestamp,
        "klaviyo-webhook-id": KLAVIYO_WEBHOOK,
    }
    return Signed(JSON | headers, body)


def sign_mailchimp(body: bytes, at: datetime) -> Signed:
    """Nothing is signed: the URL has our secret."""
    return Signed(dict(FORM), body, urlencode({"secret": MAILCHIMP_SECRET}))


def sign_iterable(body: bytes, at: datetime) -> Signed:
    """Nothing is signed: a header has our token, after the word for its type."""
    return Signed(JSON | {"authorization": f"OAuth2 {ITERABLE_TOKEN}"}, body)


def sign_braze(body: bytes, at: datetime) -> Signed:
    """Nothing is signed: a header has our token."""
    return Signed(JSON | {"authorization": f"Bearer {BRAZE_TOKEN}"}, body)


def sign_sendgrid(body: bytes, at: datetime, key: Any = SENDGRID_KEY) -> Signed:
    """ECDSA over timestamp and body."""
    timestamp = str(int(at.timestamp()))
    signature = key.sign(timestamp.encode() + body, ec.ECDSA(hashes.SHA256()))
    prefix = "x-twilio-email-event-webhook-"
    return Signed(
        JSON
        | {
            prefix + "signature": base64.b64encode(signature).decode(),
            prefix + "timestamp": timestamp,
        },
        body,
    )


def sign_mailgun(body: bytes, at: datetime, key: str = MAILGUN_KEY) -> Signed:
    """HMAC over timestamp and token, in a block of the body itself."""
    timestamp, token = str(int(at.timestamp())), "a" * 50
    digest = hmac.new(key.encode(), (timestamp + token).encode(), hashlib.sha256).hexdigest()
    block = {"timestamp": timestamp, "token": token, "signature": digest}
    try:
        parsed = json.loads(body)
    except (ValueError, RecursionError):
        return Signed(dict(JSON), body)
    whole = {**parsed, "signature": block} if isinstance(parsed, dict) else parsed
    return Signed(dict(JSON), json.dumps(whole).encode())


def sign_mailgun_form(body: bytes, at: datetime, key: str = MAILGUN_KEY) -> Signed:
    """The same three fields among those of the form that Mailgun sent until 2018."""
    timestamp, token = str(int(at.timestamp())), "a" * 50
    digest = hmac.new(key.encode(), (timestamp + token).encode(), hashlib.sha256).hexdigest()
    fields = [*parse_qsl(body.decode()), ("timestamp", timestamp)]
    return Signed(
        dict(FORM), urlencode([*fields, ("token", token), ("signature", digest)]).encode()
    )


def sign_hubspot(
    body: bytes, at: datetime, key: str = HUBSPOT_SECRET, url: str = BASE_URL + "hubspot"
) -> Signed:
    """HMAC over method, URL, body and time."""
    timestamp = str(int(at.timestamp() * 1000))
    signed = f"POST{url}".encode() + body + timestamp.encode()
    digest = base64.b64encode(hmac.new(key.encode(), signed, hashlib.sha256).digest()).decode()
    headers = {"x-hubspot-signature-v3": digest, "x-hubspot-request-timestamp": timestamp}
    return Signed(JSON | headers, body)


def sign_mailersend(body: bytes, at: datetime, key: str = MAILERSEND_SECRET) -> Signed:
    """HMAC over the body."""
    return Signed(
        JSON | {"signature": hmac.new(key.encode(), body, hashlib.sha256).hexdigest()}, body
    )


def sign_mailtrap(body: bytes, at: datetime, key: str = MAILTRAP_SECRET) -> Signed:
    """HMAC over the body."""
    digest = hmac.new(key.encode(), body, hashlib.sha256).hexdigest()
    return Signed(JSON | {"mailtrap-signature": digest}, body)


def sign_mandrill(body: bytes, at: datetime, key: str = MANDRILL_KEY) -> Signed:
    """HMAC over the webhook's URL and the form's sorted fields; `body` is the array of events."""
    events = body.decode("utf-8", "replace")
    signed = BASE_URL + "mandrill" + "mandrill_events" + events
    digest = hmac.new(key.encode(), signed.encode(), hashlib.sha1).digest()
    headers = FORM | {"x-mandrill-signature": base64.b64encode(digest).decode()}
    return Signed(headers, urlencode({"mandrill_events": events}).encode())


def sign_postal(body: bytes, at: datetime, key: Any = POSTAL_KEY) -> Signed:
    """RSA over the body."""
    signature = key.sign(body, padding.PKCS1v15(), hashes.SHA1())
    return Signed(JSON | {"x-postal-signature": base64.b64encode(signature).decode()}, body)


def sign_resend(
    body: bytes, at: datetime, secret: str = RESEND_SECRET, event_id: str = "msg_1"
) -> Signed:
    """Svix: HMAC over id, timestamp and body."""
    timestamp = str(int(at.timestamp()))
    key = base64.b64decode(secret.removeprefix("whsec_"))
    signed = f"{event_id}.{timestamp}.".encode() + body
    digest = base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode()
    headers = {"svix-id": event_id, "svix-timestamp": timestamp, "svix-signature": f"v1,{digest}"}
    return Signed(JSON | headers, body)


def sign_unisender(body: bytes, at: datetime, key: str = UNISENDER_KEY) -> Signed:
    """MD5 over the body with the key in the place where the digest will stand."""
    try:
        parsed = json.loads(body)
    except (ValueError, RecursionError):
        return Signed(dict(JSON), body)
    if not isinstance(parsed, dict):
        return Signed(dict(JSON), body)
    keyed = json.dumps({**parsed, "auth": key}).encode()
    digest = hashlib.md5(keyed).hexdigest()
    return Signed(dict(JSON), keyed.replace(key.encode(), digest.encode()))


def sign_amazon(body: bytes, at: datetime, **changes: Any) -> Signed:
    """The SES event as the Message of an SNS notification."""
    message = {"Type": "Notification", "Message": body.decode("utf-8", "replace"), **changes}
    return sign_sns(message, at)


def sign_sns(message: Mapping[str, Any], at: datetime = NOW, key: Any = AMAZON_KEY) -> Signed:
    """RSA over the fields of an SNS message; SignatureVersion 2 unless it says 1."""
    whole: dict[str, Any] = {
        "MessageId": "sns-1",
        "TopicArn": TOPIC_ARN,
        "Timestamp": at.strftime("%Y-%m-%dT%H:%M:%S.000Z"),
        "SignatureVersion": "2",
        "SigningCertURL": CERTIFICATE_URL,
        **message,
    }
    hash_ = HASHES[whole["SignatureVersion"]]()
    signature = key.sign(signed_text(whole), padding.PKCS1v15(), hash_)
    whole["Signature"] = base64.b64encode(signature).decode()
    headers = {
        "content-type": "text/plain; charset=UTF-8",
        "x-amz-sns-message-type": whole["Type"],
        "x-amz-sns-message-id": whole["MessageId"],
    }
    return Signed(headers, json.dumps(whole).encode())


def certificate(key: Any = AMAZON_KEY) -> bytes:
    """A self-signed certificate of the key, in PEM."""
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "sns.amazonaws.com")])
    return (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(NOW - timedelta(days=1))
        .not_valid_after(NOW + timedelta(days=365))
        .sign(key, hashes.SHA256())
        .public_bytes(serialization.Encoding.PEM)
    )


def certificates(pem: bytes | None = None) -> Certificates:
    """Certificates that come from here instead of from Amazon."""
    found = pem or certificate()

    async def fetch(url: str) -> bytes:
        return found

    return Certificates(fetch)


SIGNERS: Mapping[str, Callable[[bytes, datetime], Signed]] = {
    "amazon-ses": sign_amazon,
    "braze": sign_braze,
    "brevo": sign_basic,
    "customerio": sign_customerio,
    "hubspot": sign_hubspot,
    "iterable": sign_iterable,
    "klaviyo": sign_klaviyo,
    "mailchimp": sign_mailchimp,
    "mailersend": sign_mailersend,
    "mailgun": sign_mailgun,
    "mailjet": sign_basic,
    "mailtrap": sign_mailtrap,
    "mandrill": sign_mandrill,
    "postal": sign_postal,
    "postmark": sign_basic,
    "resend": sign_resend,
    "sendgrid": sign_sendgrid,
    "sparkpost": sign_basic,
    "unisender-go": sign_unisender,
}
