"""What the evidence on a person, or a customer, calls for: one rule for each kind.

Human activity alone: histories hold nothing else (domain/history.py).
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import datetime, timedelta

from domain.darkness import DARK_SENDS
from domain.events import EventKind
from domain.history import LinkClicked, Sent
from domain.people import Account, PersonState
from domain.priorities import engagement, parts, renewal, role
from domain.recommending import Cited, Key, Kind, Part, Proposal, Subject
from domain.scoring import Level
from domain.surroundings import Silence, Surroundings, name_of, subject_of
from domain.talking import points
from domain.wording import link_name, number, on_day, quoted, times

DAY = timedelta(days=1)

REPLY_FOR = 30 * DAY
"""A reply nobody has answered by then is not waiting any more."""

CONVERSATION_WITHIN = 30 * DAY
CONVERSATION_CAMPAIGNS = 2
"""Campaigns clicked in or replied to within that time that call for a conversation."""

CONTENT_FOR = 30 * DAY
"""How long a click is worth talking about (rules: recommendations)."""

SILENT_FOR = 60 * DAY
"""Silence is told by mail that is not answered: without any for so long nothing is known."""

CUSTOMER_LEAST = 3
CUSTOMER_SHARE = 0.5
"""A customer is silent where at least so many people are reached and so many of them are dark."""

RISK_FOR = 90 * DAY
ADDRESS_FOR = 180 * DAY
STRANGER_FOR = 60 * DAY

DUE = {
    Kind.REPLY_WAITING: 1 * DAY,
    Kind.RELATIONSHIP_RISK: 2 * DAY,
    Kind.START_CONVERSATION: 3 * DAY,
    Kind.SHARE_CONTENT: 5 * DAY,
    Kind.MEET_STAKEHOLDER: 5 * DAY,
    Kind.FIX_ADDRESS: 7 * DAY,
    Kind.CHECK_IN: 14 * DAY,
}
"""By when it should be done, from the evidence on."""

MOST_CITED = 20
"""Pieces of evidence kept, the latest."""


def proposals(state: PersonState, around: Surroundings, now: datetime) -> list[Proposal]:
    """All that is called for about a person; a stranger is to be met, and nothing else."""
    rules = KNOWN if state.stakeholder_id is not None else UNKNOWN
    return [found for rule in rules for found in rule(state, around, now)]


def _reply_waiting(state: PersonState, around: Surroundings, now: datetime) -> Iterator[Proposal]:
    followed_up_at = around.followed_up_at.get(subject_of(state))
    answers = [around.answered_at.get(a) for a in state.address_ids]
    done = max((at for at in (followed_up_at, *answers) if at is not None), default=None)
    waiting = [
        (s.replied_at, s)
        for s in state.history
        if s.replied_at is not None and (done is None or s.replied_at > done)
    ]
    if not waiting:
        return
    at, sent = max(waiting, key=lambda w: (w[0], w[1].recipient_id))
    title = quoted(around.campaign(sent.campaign_id))
    yield _proposal(
        Kind.REPLY_WAITING,
        state,
        around,
        now,
        reason=f"{name_of(state, around)} replied to {title} {on_day(at, state.timezone)} and "
        "nobody has answered yet.",
        sends=[s for _, s in waiting],
        evidence=[(a, Cited(s.recipient_id, EventKind.REPLIED)) for a, s in waiting],
        lasts=REPLY_FOR,
        more=[Part("days waited", min(15, 5 * max(0, (now - at).days)))],
    )


def _start_conversation(
    state: PersonState, around: Surroundings, now: datetime
) -> Iterator[Proposal]:
    recent = [s for s in state.history if _acted_since(s, now - CONVERSATION_WITHIN)]
    level = state.score.level
    key = Key(Kind.START_CONVERSATION, subject_of(state))
    is_called_for = level is Level.HIGH or len(recent) >= CONVERSATION_CAMPAIGNS
    is_kept = key in around.live and level in (Level.HIGH, Level.MEDIUM)
    sends = recent or [s for s in state.history if s.engaged_at is not None][-3:]
    if not sends or not (is_called_for or is_kept):
        return
    if len(recent) >= CONVERSATION_CAMPAIGNS:
        why = f"took up {number(len(recent))} campaigns within thirty days"
    elif level is Level.HIGH:
        why = "is more engaged than most"
    else:
        why = "is still engaged"
    yield _proposal(
        Kind.START_CONVERSATION,
        state,
        around,
        now,
        reason=f"{name_of(state, around)} {why}: a good moment to talk.",
        sends=sends,
        evidence=[cited for s in sends for cited in _acts(s)],
        lasts=CONVERSATION_WITHIN,
    )


def _share_content(state: PersonState, around: Surroundings, now: datetime) -> Iterator[Proposal]:
    weights = {i.topic: i.weight for i in state.interests}
    found = [
        (max(weights.get(t, 0.0) for t in topics), at, sent, link, topics)
        for sent in state.history
        for link in sent.links
        # A link's last click may be a machine's, the mail's is a person's.
        if (at := min(link.last_at, sent.last_click_at or link.last_at)) > now - CONTENT_FOR
        and (topics := _topics(sent, link, around))
    ]
    if not found:
        return
    _, _, sent, link, topics = max(found, key=lambda f: (f[0], f[1], f[3].url))
    topic = max(topics, key=lambda t: (weights.get(t, 0.0), t))
    alike = [f for f in found if topic in f[4]]
    yield _proposal(
        Kind.SHARE_CONTENT,
        state,
        around,
        now,
        reason=f"{name_of(state, around)} followed {link_name(link.url)} {times(link.clicks)} in "
        f"{quoted(around.campaign(sent.campaign_id))}: share more about {topic}.",
        sends=[f[2] for f in alike],
        evidence=[(f[1], Cited(f[2].recipient_id, EventKind.CLICKED)) for f in alike],
        lasts=CONTENT_FOR,
        topics=tuple(dict.fromkeys((topic, *topics))),
    )


def _topics(sent: Sent, link: LinkClicked, around: Surroundings) -> Sequence[str]:
    return tuple(around.topics.get((sent.campaign_id, link.url), ())) or sent.topics


def _check_in(state: PersonState, around: Surroundings, now: datetime) -> Iterator[Proposal]:
    if state.dark_at is None or state.dark_at > now:
        return
    last = state.last_engaged_at
    silent = [
        s
        for s in state.history
        if s.delivered_at is not None and (last is None or s.sent_at > last)
    ]
    if not silent:
        return
    count = len(silent)
    mails = f"the last {number(count)} mails" if count > 1 else "the last mail"
    since = "" if last is None else f" since {on_day(last, state.timezone).removeprefix('on ')}"
    yield _proposal(
        Kind.CHECK_IN,
        state,
        around,
        now,
        reason=f"{name_of(state, around)} has not taken up {mails}{since}: ask how they are doing.",
        sends=[s for s in state.history if s.engaged_at is not None][-1:],
        evidence=[
            (s.sent_at, Cited(s.recipient_id, EventKind.DELIVERED))
            for s in silent[-DARK_SENDS * 2 :]
        ],
        lasts=SILENT_FOR,
        is_warm=False,
    )


def _relationship_risk(
    state: PersonState, around: Surroundings, now: datetime
) -> Iterator[Proposal]:
    left = [
        (at, Cited(s.recipient_id, kind), s)
        for s in state.history
        for at, kind in (
            (s.unsubscribed_at, EventKind.UNSUBSCRIBED),
            (s.complained_at, EventKind.COMPLAINED),
        )
        if at is not None
    ]
    if not left:
        return
    at, cited, sent = max(left, key=lambda x: (x[0], x[1].kind))
    title = quoted(around.campaign(sent.campaign_id))
    complained = any(c.kind is EventKind.COMPLAINED for _, c, _ in left)
    did = (
        f"marked {title} as spam"
        if cited.kind is EventKind.COMPLAINED
        else f"unsubscribed from {title}"
    )
    yield _proposal(
        Kind.RELATIONSHIP_RISK,
        state,
        around,
        now,
        reason=f"{name_of(state, around)} {did} {on_day(at, state.timezone)}.",
        sends=[s for _, _, s in left],
        evidence=[(a, c) for a, c, _ in left],
        lasts=RISK_FOR,
        more=[Part("complained", 10 if complained else 0)],
        is_warm=False,
    )


def _fix_address(state: PersonState, around: Surroundings, now: datetime) -> Iterator[Proposal]:
    found = [(around.returned[a], a) for a in state.address_ids if a in around.returned]
    if not found:
        return
    returned, address_id = max(found)
    how = "comes back for good" if returned.is_hard else "keeps coming back"
    address = around.addresses.get(address_id, "the address")
    words = (f"The receiving server says: {returned.words}.",) if returned.words else ()
    yield _proposal(
        Kind.FIX_ADDRESS,
        state,
        around,
        now,
        reason=f"Mail to {name_of(state, around)} at {address} {how}: ask for the right address.",
        sends=[],
        evidence=[(returned.since, Cited(r, EventKind.BOUNCED)) for r in returned.recipient_ids],
        lasts=ADDRESS_FOR,
        evidenced_at=returned.since,
        is_warm=False,
        said=words,
    )


def _meet_stakeholder(
    state: PersonState, around: Surroundings, now: datetime
) -> Iterator[Proposal]:
    customer_id = state.account.customer_id
    came = []
    for sent in state.history:
        got_it_from = [
            o for o in around.colleagues.get((customer_id, sent.campaign_id), ()) if o.has_forwarded
        ]
        acts = [a for a in _acts(sent) if a[1].kind is not EventKind.OPENED or got_it_from]
        if acts:
            came.append((sent, acts, got_it_from))
    if not came:
        return
    sent, acts, senders = max(came, key=lambda c: (max(c[1])[0], c[0].recipient_id))
    did = _did({cited.kind for _, cited in acts}, around.campaign(sent.campaign_id))
    by = f", which {senders[0].name} had passed on" if senders else ""
    yield _proposal(
        Kind.MEET_STAKEHOLDER,
        state,
        around,
        now,
        reason=f"{name_of(state, around)}, whom nobody knows yet at {state.account.name}, "
        f"{did}{by}.",
        sends=[c[0] for c in came],
        evidence=[a for _, some, _ in came for a in some],
        lasts=STRANGER_FOR,
        named=tuple(o.stakeholder_id for o in senders[:1]),
    )


def _did(kinds: set[EventKind], campaign: str) -> str:
    title = quoted(campaign)
    if EventKind.REPLIED in kinds:
        return f"replied to {title}"
    return f"followed links in {title}" if EventKind.CLICKED in kinds else f"opened {title}"


def _acts(sent: Sent) -> list[tuple[datetime, Cited]]:
    """What a person did of their own accord with a mail, and when last."""
    times_ = (
        (sent.replied_at, EventKind.REPLIED),
        (sent.forwarded_at, EventKind.FORWARDED),
        (sent.last_click_at if sent.clicks else None, EventKind.CLICKED),
        (sent.last_open_at if sent.opens and not sent.clicks else None, EventKind.OPENED),
    )
    return [(at, Cited(sent.recipient_id, kind)) for at, kind in times_ if at is not None]


def _acted_since(sent: Sent, since: datetime) -> bool:
    times_ = (sent.replied_at, sent.last_click_at if sent.clicks else None)
    return any(at is not None and at > since for at in times_)


Rule = Callable[[PersonState, Surroundings, datetime], Iterable[Proposal]]

KNOWN: tuple[Rule, ...] = (
    _reply_waiting,
    _start_conversation,
    _share_content,
    _check_in,
    _relationship_risk,
    _fix_address,
)
UNKNOWN: tuple[Rule, ...] = (_meet_stakeholder,)


def _proposal(
    kind: Kind,
    state: PersonState,
    around: Surroundings,
    now: datetime,
    *,
    reason: str,
    sends: Sequence[Sent],
    evidence: Sequence[tuple[datetime, Cited]],
    lasts: timedelta,
    more: Sequence[Part] = (),
    topics: tuple[str, ...] | None = None,
    evidenced_at: datetime | None = None,
    is_warm: bool = True,
    said: tuple[str, ...] = (),
    named: tuple[int, ...] = (),
) -> Proposal:
    """What all kinds have in common; `is_warm`: engagement makes it more urgent."""
    account = state.account
    at = evidenced_at or max(when for when, _ in evidence)
    told, others = points(state, sends, around)
    weight = [engagement(state.score.value)] if is_warm else []
    latest = sorted(evidence, key=lambda e: (e[0], e[1]), reverse=True)[:MOST_CITED]
    about = max(sends, key=lambda s: (s.sent_at, s.recipient_id), default=None)
    found = (t for s in sends for t in s.topics)
    return Proposal(
        key=Key(kind, subject_of(state)),
        reason=reason,
        parts=parts(
            kind, [role(state.title), renewal(account.renews_on, now.date()), *more, *weight]
        ),
        evidence=tuple(dict.fromkeys(cited for _, cited in latest)),
        evidenced_at=at,
        due_at=at + DUE[kind],
        expires_at=at + lasts,
        campaign_id=None if about is None else about.campaign_id,
        topics=tuple(dict.fromkeys(found)) if topics is None else topics,
        talking_points=(*said, *told),
        named_ids=tuple(sorted({*others, *named})),
        is_risk=kind is Kind.RELATIONSHIP_RISK,
    )


def of_customer(account: Account, silence: Silence | None, now: datetime) -> list[Proposal]:
    """What a customer as a whole calls for: a word with those who have fallen silent."""
    if silence is None or silence.reached < CUSTOMER_LEAST:
        return []
    if silence.dark < CUSTOMER_SHARE * silence.reached:
        return []
    evidence = tuple(Cited(r, EventKind.DELIVERED) for r in silence.recipient_ids[:MOST_CITED])
    whole = "All" if silence.dark == silence.reached else number(silence.dark).capitalize() + " of"
    at = silence.last_sent_at
    renewal_part = renewal(account.renews_on, now.date())
    share = Part("share of people silent", round(10 * silence.dark / silence.reached))
    facts = [f"{account.name} renews on {d.day} {d:%B %Y}." for d in (account.renews_on,) if d]
    return [
        Proposal(
            key=Key(Kind.CHECK_IN, Subject(account.customer_id)),
            reason=f"{whole} {number(silence.reached)} people reached at {account.name} have gone "
            "silent: find out what has changed.",
            parts=parts(Kind.CHECK_IN, [renewal_part, share]),
            evidence=evidence,
            evidenced_at=at,
            due_at=at + DUE[Kind.CHECK_IN],
            expires_at=at + SILENT_FOR,
            talking_points=tuple(facts),
        )
    ]
