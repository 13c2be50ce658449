"""Which provider carried a mail, and what its webhooks call that mail, told by its headers.

Where a provider's own message reference does not stand in the mail (SparkPost's transmission,
Mailjet's MessageID, Resend's email id), the Message-ID is given in its place: sender and subject
then bring the mail and the webhook's events into one campaign.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass

from intake.mail.headers import LONGEST_TEXT, Headers
from intake.reading import LONGEST_REFERENCE, words

_UUID = r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}"

Source = tuple[str, re.Pattern[str]]
"""A header, and where in its value the one group of the pattern finds what is looked for."""

_WHOLE = re.compile(r"(\S.*)")
_CAMPAIGN_JSON = re.compile(r'"campaign_?id"\s*:\s*"?([^",}\s]+)', re.IGNORECASE)
_CATEGORY_JSON = re.compile(r'"category"\s*:\s*\[?\s*"([^"]+)"')
_TAGS_JSON = re.compile(r'"tags"\s*:\s*\[\s*"([^"]+)"')


@dataclass(frozen=True, slots=True, kw_only=True)
class Carrier:
    """One provider as its mail shows it.

    Any of `headers` tells it; so does `message_id`, whose group, if it has one, is the provider's
    own reference, and so does what is found in `references`, where that stands besides. `campaigns`
    and `tags` say where those stand, best first; `feedback` is the last field of its Feedback-ID.
    Without `name` it is a platform whose reports we cannot take: its headers are a sign of a bulk
    send and no more.
    """

    name: str | None
    headers: tuple[str, ...] = ()
    feedback: str | None = None
    message_id: re.Pattern[str] | None = None
    references: tuple[Source, ...] = ()
    campaigns: tuple[Source, ...] = ()
    tags: tuple[Source, ...] = ()
    bulk_headers: tuple[str, ...] = ()


CARRIERS = (
    # docs.aws.amazon.com/ses: header-fields, send-email-formatted; SES replaces the Message-ID.
    Carrier(
        name="amazon-ses",
        headers=("x-ses-outgoing", "x-ses-configuration-set", "x-ses-message-tags"),
        feedback="amazonses",
        message_id=re.compile(
            r"^([0-9a-f]+(?:-[0-9a-f]+)+)@(?:[a-z0-9-]+\.)*amazonses\.com$", re.IGNORECASE
        ),
        campaigns=(
            ("x-ses-message-tags", re.compile(r"(?:^|[,;]\s*)campaign_id=([^,;\s]+)")),
            ("x-ses-message-tags", re.compile(r"(?:^|[,;]\s*)campaign=([^,;\s]+)")),
        ),
    ),
    Carrier(
        name="brevo",
        headers=("x-mailin-eid", "x-mailin-client", "x-mailin-campaign", "x-sib-id"),
        message_id=re.compile(
            r"@(?:smtp-relay|smtp-relay-[a-z0-9.]+)\.(?:mailin\.fr|sendinblue\.com|brevo\.com)$",
            re.I,
        ),
        campaigns=(
            ("x-mailin-campaign", re.compile(r"^\s*(\d+)\s*$")),
            ("x-mailin-custom", _CAMPAIGN_JSON),
        ),
        tags=(("x-mailin-tag", _WHOLE),),
        bulk_headers=("x-mailin-campaign",),
    ),
    Carrier(
        name="customerio",
        headers=("x-cio-delivery-id",),
        message_id=re.compile(r"^([A-Za-z0-9_=-]{10,})@(?:[a-z0-9.-]+\.)?customeriomail\.com$"),
        references=(("x-cio-delivery-id", _WHOLE),),
    ),
    Carrier(
        name="hubspot",
        headers=("x-hs-cid", "x-hubspot-mid", "x-hubspot-message-source"),
        references=(("x-hubspot-mid", _WHOLE),),
        message_id=re.compile(r"@[a-z0-9.-]*hubspot(?:email)?\.(?:net|com)$", re.I),
        bulk_headers=("x-hs-cid",),
    ),
    Carrier(
        name="iterable",
        headers=("x-iterable-campaign-id", "x-iterable-message-id"),
        references=(("x-iterable-message-id", _WHOLE),),
        campaigns=(("x-iterable-campaign-id", _WHOLE),),
        bulk_headers=("x-iterable-campaign-id",),
    ),
    Carrier(
        name="klaviyo",
        headers=("x-kmail-account", "x-kmail-message", "x-kmail-relay"),
        campaigns=(("x-kmail-message", _WHOLE),),
        bulk_headers=("x-kmail-message",),
    ),
    Carrier(
        name="mailchimp",
        headers=("x-mc-user",),
        feedback="mc",
        message_id=re.compile(r"@[a-z0-9.-]*(?:mcsv|rsgsv|mcdlv)\.net$", re.I),
        campaigns=(
            ("x-campaign", re.compile(r"^mailchimp[0-9a-f]+\.([0-9a-f]+)", re.I)),
            ("x-campaignid", re.compile(r"^mailchimp[0-9a-f]+\.([0-9a-f]+)", re.I)),
        ),
        bulk_headers=("x-campaign", "x-campaignid"),
    ),
    Carrier(name="mailersend", message_id=re.compile(r"@[a-z0-9.-]*mailersend\.net$", re.I)),
    # documentation.mailgun.com: sending options by X-Mailgun headers; message-id is the Message-ID.
    Carrier(
        name="mailgun",
        headers=(
            "x-mailgun-sid",
            "x-mailgun-sending-ip",
            "x-mailgun-variables",
            "x-mailgun-tag",
            "x-mailgun-message-id",
        ),
        feedback="mailgun",
        message_id=re.compile(r"@[a-z0-9.-]*mailgun\.(?:org|net)$", re.I),
        campaigns=(("x-mailgun-variables", _CAMPAIGN_JSON),),
        tags=(("x-mailgun-tag", _WHOLE),),
    ),
    Carrier(
        name="mailjet",
        headers=("x-mj-mid", "x-mj-smtpguid", "x-mailjet-campaign", "x-mj-customid"),
        feedback="mj",
        message_id=re.compile(r"@[a-z0-9.-]*mailjet\.com$", re.I),
        bulk_headers=("x-mailjet-campaign",),
    ),
    # mailchimp.com/developer/transactional: the abuse link names the user and the message.
    Carrier(
        name="mandrill",
        headers=("x-mandrill-user", "x-mc-tags", "x-mc-metadata", "x-mc-subaccount"),
        message_id=re.compile(r"@[a-z0-9.-]*mandrillapp\.com$", re.I),
        references=(("x-report-abuse", re.compile(r"[?&]id=\d+\.([0-9a-f]{20,40})", re.I)),),
        campaigns=(("x-mc-metadata", _CAMPAIGN_JSON),),
        tags=(("x-mc-tags", re.compile(r"^\s*([^,\s][^,]*)")),),
    ),
    Carrier(name="postal", headers=("x-postal-msgid",), tags=(("x-postal-tag", _WHOLE),)),
    # postmarkapp.com/support: X-PM-Message-Id is the MessageID of the API and the webhooks, a UUID;
    # Proton Mail has a header of that name with something else in it.
    Carrier(
        name="postmark",
        headers=("x-pm-message-stream", "x-pm-tag", "x-pm-message-options"),
        message_id=re.compile(rf"^({_UUID})@(?:[a-z0-9.-]+\.)?mtasv\.net$", re.I),
        references=(("x-pm-message-id", re.compile(rf"({_UUID})", re.I)),),
        campaigns=(
            ("x-pm-metadata-campaign_id", _WHOLE),
            ("x-pm-metadata-campaign-id", _WHOLE),
        ),
        tags=(("x-pm-tag", _WHOLE),),
    ),
    # twilio.com/docs/sendgrid: the Message-ID it makes begins with the X-Message-Id of its events.
    Carrier(
        name="sendgrid",
        headers=("x-sg-eid", "x-sg-id", "x-smtpapi"),
        message_id=re.compile(
            r"^([A-Za-z0-9_.-]{16,40})@(?:geopod-)?ismtpd|^([A-Za-z0-9_-]{22})@[a-z0-9.-]*sendgrid\.net$"
        ),
        campaigns=(("x-smtpapi", _CAMPAIGN_JSON),),
        tags=(("x-smtpapi", _CATEGORY_JSON),),
    ),
    Carrier(
        name="sparkpost",
        headers=("x-msfbl", "x-msys-api"),
        message_id=re.compile(r"@[a-z0-9.-]*sparkpostmail\.com$", re.I),
        campaigns=(("x-msys-api", _CAMPAIGN_JSON),),
        tags=(("x-msys-api", _TAGS_JSON),),
    ),
    Carrier(name="unisender-go", headers=("x-unione", "x-unisender-go")),
    Carrier(name=None, bulk_headers=("x-sfmc-stack", "x-job", "x-mktarchive", "x-marketo-id")),
    Carrier(name=None, bulk_headers=("x-campaign-id", "x-campaign-name", "x-mailing-id")),
    Carrier(
        name=None, bulk_headers=("x-elq-sitid", "x-emarsys-environment", "x-acelle-campaign-id")
    ),
)
"""Every provider as the mail it carried shows it; a header that several set stands with none."""

AUTOMATIC_FEEDBACK = frozenset({"amazonses"})
"""Carriers that add a Feedback-ID to every mail, be it to one (docs.aws.amazon.com/ses)."""


@dataclass(frozen=True, slots=True)
class Carried:
    """A mail in the words of whoever carried it.

    `carrier` is None for an unknown system, whose mail is known by its Message-ID.
    """

    carrier: str | None = None
    reference: str | None = None
    campaign_id: str | None = None
    tags: tuple[str, ...] = ()


def carried(headers: Headers) -> Carried:
    """Who carried a mail with these headers, and the reference its webhooks would give."""
    message_id = next(iter(headers.message_ids("message-id")), None)
    known = next((one for one in CARRIERS if one.name and _is_of(one, headers, message_id)), None)
    own = message_id and message_id[:LONGEST_REFERENCE]
    if known is None:
        return Carried(reference=own)
    found = _found(known.references, headers) or _own_reference(known, message_id)
    tag = _found(known.tags, headers)
    campaign_id = _found(known.campaigns, headers)
    return Carried(known.name, found or own, campaign_id, words(tag) if tag else ())


def references_of(message_ids: Iterable[str]) -> tuple[str, ...]:
    """Each Message-ID, followed by the provider's own reference where its form has one."""
    found: list[str] = []
    for one in message_ids:
        found.append(one[:LONGEST_REFERENCE])
        found += [own for known in CARRIERS if (own := _own_reference(known, one))]
    return tuple(dict.fromkeys(found))


def has_bulk_header(headers: Headers) -> bool:
    """Whether a platform's own header says that the mail belongs to a campaign."""
    if "broadcast" in headers.first("x-pm-message-stream").lower():
        return True
    return any(name in headers for one in CARRIERS for name in one.bulk_headers)


def feedback_sender(headers: Headers) -> str:
    """The last field of Feedback-ID, which names who carried the mail (Gmail's feedback loop)."""
    return headers.first("feedback-id").rpartition(":")[2].strip().lower()


def _is_of(known: Carrier, headers: Headers, message_id: str | None) -> bool:
    if any(name in headers for name in known.headers) or _found(known.references, headers):
        return True
    if known.feedback is not None and feedback_sender(headers) == known.feedback:
        return True
    return bool(message_id and known.message_id and known.message_id.search(message_id))


def _own_reference(known: Carrier, message_id: str | None) -> str | None:
    if message_id is None or known.message_id is None or not known.message_id.groups:
        return None
    found = known.message_id.search(message_id)
    return next(filter(None, found.groups()), None) if found else None


def _found(sources: tuple[Source, ...], headers: Headers) -> str | None:
    for name, pattern in sources:
        found = pattern.search(headers.first(name)[:LONGEST_TEXT])
        if found:
            return found[1].strip()[:LONGEST_REFERENCE] or None
    return None
