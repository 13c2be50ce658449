"""What our marketing and product people sent, and what they send while you watch."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Send:
    """One entry of the plan; `share` of the readers of `segments` (all, if empty) get it."""

    name: str
    type: str
    subject: str
    links: tuple[tuple[str, tuple[str, ...]], ...]
    provider: str = "sendgrid"
    evidence: str = "id"
    is_registered: bool = False
    segments: tuple[str, ...] = ()
    share: float = 0.5


def _send(
    name: str, kind: str, subject: str, links: str, via: str = "sendgrid id", to: str = "0.5"
) -> Send:
    """A line of the plan.

    `links` is "path topic,topic; path …", `via` "provider evidence [registered]", `to`
    "share segment,segment"; `{month}` stands for the month in which it goes out.
    """
    provider, evidence, *registered = via.split()
    share, _, segments = to.partition(" ")
    return Send(
        name=name,
        type=kind,
        subject=subject,
        links=tuple(_link(link) for link in links.split(";")),
        provider=provider,
        evidence=evidence,
        is_registered=bool(registered),
        segments=tuple(segments.split(",")) if segments else (),
        share=float(share),
    )


def _link(text: str) -> tuple[str, tuple[str, ...]]:
    path, _, topics = text.strip().partition(" ")
    return path, tuple(topics.split(",")) if topics else ()


NEWS, UPDATE, OFFER, NOTICE = "NEWSLETTER", "PRODUCT_UPDATE", "MARKETING", "ANNOUNCEMENT"

SMALL = "0.9 SMB,Non-profit"
"""To customers of the small segments: through the providers that report one event a request."""

CALENDAR = (
    _send(
        "{month} letter: reporting that people read", NEWS,
        "The Northlake Letter · Reporting that people actually read",
        "/letter/{month} reporting; /guides/board-reports reporting,analytics; "
        "/customers/story-17 analytics",
        "sendgrid id registered", "0.52",
    ),
    _send(
        "Release 26.1: scheduled exports", UPDATE,
        "New in Northlake 26.1: scheduled exports and faster dashboards",
        "/releases/26-1 reporting; /docs/scheduled-exports automation; /docs/dashboards analytics",
        "sendgrid id", "0.42",
    ),
    _send(
        "Summer webinar: forecasting", OFFER,
        "Live session: forecasting demand with the data you already have",
        "/events/forecasting events,analytics; /events/calendar events",
        "sparkpost id", "0.34 Enterprise,Mid-market",
    ),
    _send(
        "New data centre in Frankfurt", NOTICE,
        "Your data, closer: our Frankfurt region opens",
        "/trust/regions compliance,security; /docs/data-residency compliance",
        "sendgrid id registered", "0.46 Enterprise,Mid-market",
    ),
    _send(
        "{month} letter: automate the month-end", NEWS,
        "The Northlake Letter · Automate the month-end",
        "/letter/{month} automation; /guides/month-end automation,billing; "
        "/customers/story-18 automation",
        "sendgrid tag", "0.50",
    ),
    _send(
        "Invoicing changes for small teams", NOTICE,
        "A clearer invoice: what changes for your team",
        "/billing/changes billing; /docs/billing billing",
        "postmark tag registered", SMALL,
    ),
    _send(
        "Release 26.2: approvals", UPDATE,
        "New in Northlake 26.2: approvals, comments and audit trail",
        "/releases/26-2 automation; /docs/approvals automation,compliance; "
        "/docs/audit-trail security",
        "sendgrid id", "0.46",
    ),
    _send(
        "Connector catalogue", OFFER,
        "42 new connectors, and how three teams use them",
        "/integrations integrations; /integrations/warehouse integrations,analytics; "
        "/customers/story-19",
        "sendgrid id", "0.40 Enterprise,Mid-market",
    ),
    _send(
        "{month} letter: onboarding your colleagues", NEWS,
        "The Northlake Letter · Get your colleagues on board",
        "/letter/{month} onboarding; /academy onboarding; /customers/story-20 onboarding",
        "sendgrid id registered", "0.50",
    ),
    _send(
        "Academy for small teams", OFFER,
        "Free Academy seats for teams under 50",
        "/academy/small-teams onboarding; /academy/calendar events,onboarding",
        "sparkpost id", SMALL,
    ),
    _send(
        "Single sign-on for every plan", UPDATE,
        "Single sign-on is now part of every plan",
        "/docs/sso security; /trust security,compliance; /docs/scim security,integrations",
        "sendgrid id registered", "0.50",
    ),
    _send(
        "Northlake Summit: save the date", OFFER,
        "Save the date: Northlake Summit",
        "/summit events; /summit/agenda events,ai; /summit/tickets events",
        "sendgrid id", "0.59",
    ),
    _send(
        "{month} letter: the questions boards ask", NEWS,
        "The Northlake Letter · The seven questions boards ask",
        "/letter/{month} reporting; /guides/board-questions reporting,analytics; "
        "/customers/story-21",
        "sendgrid tag", "0.50",
    ),
    _send(
        "Status page moves", NOTICE,
        "Our status page has a new home",
        "/status security; /docs/incident-history security,compliance",
        "sendgrid tag", SMALL,
    ),
    _send(
        "Release 26.3: assistant", UPDATE,
        "New in Northlake 26.3: ask your data with the assistant",
        "/releases/26-3 ai; /docs/assistant ai,analytics; /trust/ai ai,compliance",
        "sendgrid id registered", "0.55",
    ),
    _send(
        "Summit: agenda and early tickets", OFFER,
        "The Summit agenda is here (early tickets end on Friday)",
        "/summit/agenda events,ai; /summit/tickets events; /summit/travel events",
        "sparkpost id", "0.38 Enterprise,Mid-market",
    ),
    _send(
        "{month} letter: forecasting without drama", NEWS,
        "The Northlake Letter · Forecasting without drama",
        "/letter/{month} analytics; /guides/forecasting analytics,ai; "
        "/customers/story-22 analytics",
        "sendgrid id registered", "0.50",
    ),
    _send(
        "Summit recordings", OFFER,
        "Missed a session? All Summit recordings",
        "/summit/recordings events; /summit/recordings/assistant ai,events; /summit/slides events",
        "sendgrid id", "0.55",
    ),
    _send(
        "New terms of service", NOTICE,
        "Changes to our terms of service",
        "/legal/terms compliance; /legal/summary compliance,billing",
        "sendgrid id registered", "0.60",
    ),
    _send(
        "Non-profit programme", OFFER,
        "Our programme for non-profits, and a grant for five teams",
        "/nonprofit billing,onboarding; /nonprofit/grant billing",
        "sendgrid id", "0.88 SMB,Non-profit",
    ),
    _send(
        "Release 26.4: warehouse sync", UPDATE,
        "New in Northlake 26.4: two-way warehouse sync",
        "/releases/26-4 integrations; /docs/warehouse-sync integrations,analytics; "
        "/docs/limits automation",
        "sendgrid id", "0.46",
    ),
    _send(
        "Office hours for small teams", OFFER,
        "Office hours: bring your dashboard, leave with a better one",
        "/events/office-hours events,reporting; /academy onboarding",
        "mailgun subject", SMALL,
    ),
    _send(
        "{month} letter: closing the year", NEWS,
        "The Northlake Letter · Closing the year in one afternoon",
        "/letter/{month} automation; /guides/year-end automation,reporting; "
        "/customers/story-23 billing",
        "sendgrid id registered", "0.50",
    ),
    _send(
        "Security review pack", NOTICE,
        "Your security review pack is ready",
        "/trust/review-pack security,compliance; /trust/penetration-test security",
        "sparkpost id registered", "0.50 Enterprise,Mid-market",
    ),
)  # fmt: skip
"""Oldest first, about a week apart."""

LIVE = (
    _send(
        "Release 26.5: alerts", UPDATE,
        "New in Northlake 26.5: alerts that wait for office hours",
        "/releases/26-5 automation; /docs/alerts automation,analytics; "
        "/docs/quiet-hours automation",
        "sendgrid id", "0.6",
    ),
    _send(
        "Year-end webinar", OFFER,
        "Tomorrow: close the year with us, live",
        "/events/year-end events,reporting; /events/calendar events",
        "postmark tag", "0.6",
    ),
    _send(
        "Assistant in five languages", UPDATE,
        "The assistant now answers in five languages",
        "/docs/assistant ai; /docs/assistant/languages ai,onboarding; /trust/ai ai,compliance",
        "mailgun tag", "0.6",
    ),
    _send(
        "Customer stories of the quarter", NEWS,
        "The Northlake Letter · Three teams, three very different winters",
        "/customers/story-24 analytics; /customers/story-25 automation; "
        "/customers/story-26 security",
        "sendgrid id registered", "0.6",
    ),
    _send(
        "Academy: the winter term", OFFER,
        "Northlake Academy: the winter term begins on Monday",
        "/academy/winter onboarding; /academy/calendar events,onboarding",
        "brevo subject", "0.6",
    ),
)  # fmt: skip
"""Sent in turn while the demonstration runs."""
