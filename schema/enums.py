"""Closed sets of the domain as enums of the contract, each value with its meaning."""

from collections.abc import Mapping
from enum import Enum
from typing import TypeVar

import strawberry

from domain.best_time import Basis
from domain.campaigns import Detection
from domain.directory import ImportOutcome
from domain.engagement import DeliveryStatus
from domain.events import Actor, BounceClass, BulkSign, CampaignType, EventKind, MachineReason
from domain.follow_ups import Outcome as FollowUpOutcome
from domain.likelihood import Persona
from domain.matching import MatchMethod, UnmatchedReason
from domain.policy import Consent
from domain.recommending import Kind as RecommendationKind
from domain.recommending import Status as RecommendationStatus
from domain.scoring import Act as ScoreAct
from domain.scoring import Level
from domain.suppression import SuppressionReason
from domain.viewer import Role
from store.recording import RecordOutcome

__all__ = [
    "Actor",
    "Basis",
    "BounceClass",
    "BulkSign",
    "CampaignType",
    "Consent",
    "DeliveryStatus",
    "Detection",
    "EventKind",
    "FollowUpOutcome",
    "ImportOutcome",
    "Level",
    "MachineReason",
    "MatchMethod",
    "Persona",
    "RecommendationKind",
    "RecommendationStatus",
    "RecordOutcome",
    "Role",
    "ScoreAct",
    "SuppressionReason",
    "UnmatchedReason",
    "describe",
]

E = TypeVar("E", bound=Enum)


def describe(cls: type[E], description: str, values: Mapping[E, str], name: str = "") -> type[E]:
    """Make an enum part of the contract. Raises KeyError for a value without a description."""
    described = strawberry.enum(cls, description=description, name=name or cls.__name__)
    for value in described.__strawberry_definition__.values:  # type: ignore[attr-defined]
        value.description = values[cls(value.value)]
    return described


describe(
    Role,
    "What a token may do.",
    {
        Role.CSM: "Reads their own portfolio's customers, and of campaigns those customers' share.",
        Role.MANAGER: "Reads everything and decides the whole review queue.",
        Role.ADMIN: "May do everything, also keys and replay.",
        Role.INTEGRATION: "Records engagement, registers campaigns and imports customers; reads "
        "nothing of customers.",
    },
)
describe(
    CampaignType,
    "What a campaign is for.",
    {
        CampaignType.ANNOUNCEMENT: "News of the company or a notice to customers.",
        CampaignType.NEWSLETTER: "A regular issue with several pieces of content.",
        CampaignType.MARKETING: "An offer, an event or an invitation.",
        CampaignType.PRODUCT_UPDATE: "What is new or changes in the product.",
    },
)
describe(
    EventKind,
    "What can be reported about one address on one campaign.",
    {
        EventKind.ACCEPTED: "The provider took the mail for sending.",
        EventKind.DEFERRED: "The receiving server asked to try later; the provider will.",
        EventKind.DELIVERED: "The receiving server took the mail.",
        EventKind.BOUNCED: "The mail came back, for good (hard) or for now (soft).",
        EventKind.REJECTED: "The provider did not send it, e.g. a suppressed address.",
        EventKind.OPENED: "The mail was displayed, by a person or a machine.",
        EventKind.CLICKED: "A link was followed, by a person or a machine.",
        EventKind.REPLIED: "A person answered.",
        EventKind.FORWARDED: "The mail was passed on to somebody it was not sent to.",
        EventKind.UNSUBSCRIBED: "The address asked for no further mail.",
        EventKind.RESUBSCRIBED: "The address asked for mail again, which ends an unsubscription.",
        EventKind.COMPLAINED: "The recipient marked the mail as spam.",
        EventKind.AUTO_REPLIED: "A machine answered, e.g. out of office; never counted as a reply.",
        EventKind.UNKNOWN: "The provider reported something that is not understood; it is kept.",
    },
)
describe(
    Actor,
    "Who acted.",
    {
        Actor.HUMAN: "Held to be a person; counted as engagement.",
        Actor.MACHINE: "Held to be a machine, e.g. a scanner or a prefetch; shown, never counted.",
    },
)
describe(
    MachineReason,
    "Why an act is held to be a machine's.",
    {
        MachineReason.PROVIDER_FLAG: "The provider said so.",
        MachineReason.PREFETCH: "Content was fetched ahead of the reader.",
        MachineReason.SCANNER_AGENT: "No user agent, or that of a known scanner or crawler.",
        MachineReason.BURST: "Several links were followed within about a second.",
        MachineReason.SWEEP: "Every link of the mail was followed within minutes.",
        MachineReason.DECOY: "A link that no person can see was followed.",
        MachineReason.LEARNED: "The domain's gateway is known to follow links like this.",
    },
)
describe(
    BounceClass,
    "Whether a bounce is for good (RFC 3463).",
    {
        BounceClass.HARD: "Permanent (status class 5): the address does not work.",
        BounceClass.SOFT: "Temporary (status class 4), e.g. a full mailbox.",
    },
)
describe(
    DeliveryStatus,
    "What became of the mail, by severity: it never goes back, but that a later delivery clears a "
    "soft bounce.",
    {
        DeliveryStatus.SENT: "Nothing is known but that it was sent.",
        DeliveryStatus.ACCEPTED: "The provider took it.",
        DeliveryStatus.DEFERRED: "The receiving server asked to try later.",
        DeliveryStatus.DELIVERED: "The receiving server took it, or a person acted on it.",
        DeliveryStatus.SOFT_BOUNCED: "It came back for now.",
        DeliveryStatus.REJECTED: "The provider did not send it.",
        DeliveryStatus.HARD_BOUNCED: "It came back for good.",
        DeliveryStatus.COMPLAINED: "The recipient marked it as spam.",
    },
)
describe(
    MatchMethod,
    "How an address was found to be a customer's.",
    {
        MatchMethod.EXACT: "It is a stakeholder's address; confidence 1.",
        MatchMethod.ALIAS: "It is one but for a plus-tag, or dots at Gmail; confidence 0.95.",
        MatchMethod.DOMAIN: "Its domain is the customer's, the person is unknown; confidence 0.8, "
        "unconfirmed until a person says so.",
        MatchMethod.MANUAL: "A person said so; confidence 1.",
        MatchMethod.NONE: "It was not matched; no match has this method.",
    },
)
describe(
    SuppressionReason,
    "Why an address should not be mailed.",
    {
        SuppressionReason.HARD_BOUNCE: "Mail to it came back for good, and nothing arrived since.",
        SuppressionReason.SOFT_BOUNCES: "Mail to it came back three times, over all campaigns, and "
        "nothing arrived since.",
        SuppressionReason.COMPLAINT: "A mail to it was marked as spam.",
        SuppressionReason.UNSUBSCRIBED: "A person asked for no further mail, and has not asked for "
        "mail again.",
    },
)
describe(
    Consent,
    "Whether a person agreed to their opens and clicks being tracked.",
    {
        Consent.GRANTED: "They agreed.",
        Consent.DENIED: "They did not, or no longer do: our own pixel and links record nothing, "
        "and what other systems report is kept without a trace of where and how they read it.",
        Consent.UNKNOWN: "They were not asked: the setting TRACKING_CONSENT_DEFAULT decides.",
    },
    name="TrackingConsent",
)
describe(
    UnmatchedReason,
    "Why nobody could be found for an address.",
    {
        UnmatchedReason.FREEMAIL: "Anybody can have an address at its domain.",
        UnmatchedReason.INTERNAL: "It is one of the company's own; left out of coverage.",
        UnmatchedReason.UNKNOWN_DOMAIN: "No customer is known to use its domain.",
        UnmatchedReason.AMBIGUOUS: "Several customers use its domain.",
        UnmatchedReason.ERASED: "The person was erased; left out of coverage.",
    },
)
describe(
    BulkSign,
    "A header that says of a mail that it was sent to many.",
    {
        BulkSign.LIST_UNSUBSCRIBE: "List-Unsubscribe (RFC 2369): how to get no more of it.",
        BulkSign.LIST_UNSUBSCRIBE_POST: "List-Unsubscribe-Post (RFC 8058): in one click.",
        BulkSign.LIST_ID: "List-Id (RFC 2919): the list it was sent to.",
        BulkSign.PRECEDENCE: "Precedence: bulk or list.",
        BulkSign.FEEDBACK_ID: "Feedback-ID: for reports of spam by campaign.",
        BulkSign.PROVIDER_HEADER: "Headers of a platform for bulk mail.",
    },
)
describe(
    Detection,
    "How the service knows that this was a bulk send, strongest first.",
    {
        Detection.DECLARED: "It was registered as one; confidence 1.",
        Detection.CAMPAIGN_ID: "The provider reports a campaign id; confidence 0.95.",
        Detection.TAG: "Its messages share a tag on one day; confidence 0.8.",
        Detection.SUBJECT: "Its messages share sender and subject on one day; confidence 0.7.",
    },
    name="DetectionMethod",
)
describe(
    RecordOutcome,
    "What became of a reported event.",
    {
        RecordOutcome.RECORDED: "Stored durably, and its address is a customer's.",
        RecordOutcome.DUPLICATE: "The same fact was stored before; nothing changed.",
        RecordOutcome.UNMATCHED: "Stored durably like any other; it waits for a match, or for its "
        "campaign to become known.",
        RecordOutcome.REJECTED: "Not stored; the error says why.",
    },
)
describe(
    ImportOutcome,
    "What an import did with one customer.",
    {
        ImportOutcome.CREATED: "It is new.",
        ImportOutcome.UPDATED: "Something about it, its domains or its stakeholders changed.",
        ImportOutcome.UNCHANGED: "Everything was known.",
        ImportOutcome.REJECTED: "Nothing of it was written; the error says why.",
    },
)
describe(
    Level,
    "How engaged somebody is, in a word.",
    {
        Level.HIGH: "A score of 60 or more.",
        Level.MEDIUM: "A score of 30 or more.",
        Level.LOW: "A score of 5 or more.",
        Level.NONE: "A lower score, or not enough data for one.",
    },
)
describe(
    ScoreAct,
    "What counts towards a score: acts of people, each fading by half in 30 days.",
    {
        ScoreAct.REPLY: "They replied: 8 points.",
        ScoreAct.FORWARD: "They passed it on: 6 points.",
        ScoreAct.CLICK: "They followed a link: 4 points, twice a campaign at most.",
        ScoreAct.OPEN: "They opened it: 1 point, twice a campaign at most.",
        ScoreAct.UNSUBSCRIBE: "They asked for no further mail: minus 10 points.",
        ScoreAct.COMPLAINT: "They marked it as spam: minus 15 points.",
    },
    name="ScoreAct",
)
describe(
    Persona,
    "How somebody reads bulk mail, beside what everybody does with the same kinds of mail.",
    {
        Persona.LOYALIST: "Opens more than most, and acts on it more than most.",
        Persona.WINDOW_SHOPPER: "Opens more than most, but seldom acts on it.",
        Persona.SELECTIVE: "Opens less than most, but acts on what matters.",
        Persona.DORMANT: "Neither opens nor acts as much as most.",
    },
)
describe(
    Basis,
    "Whose acts an answer rests on.",
    {
        Basis.STAKEHOLDER: "The person's own, with their customer's where theirs are few.",
        Basis.CUSTOMER: "Those of all the customer's people: the person's own are too few.",
        Basis.EVERYONE: "Everybody's: the customer's are too few.",
        Basis.DEFAULT: "Nobody's: the middle of the working week.",
    },
    name="BestTimeBasis",
)
describe(
    RecommendationKind,
    "What is recommended.",
    {
        RecommendationKind.REPLY_WAITING: "Somebody replied and nobody has answered.",
        RecommendationKind.START_CONVERSATION: "Somebody is so engaged that a talk is welcome.",
        RecommendationKind.SHARE_CONTENT: "Somebody followed particular content: share more of it.",
        RecommendationKind.CHECK_IN: "Somebody, or most of a customer, has fallen silent.",
        RecommendationKind.RELATIONSHIP_RISK: "Somebody unsubscribed or complained themselves.",
        RecommendationKind.FIX_ADDRESS: "Mail to an address keeps coming back.",
        RecommendationKind.MEET_STAKEHOLDER: "Somebody nobody knows yet at the customer acted.",
        RecommendationKind.CUSTOM: "A workflow called for it.",
    },
    name="RecommendationKind",
)
describe(
    RecommendationStatus,
    "What became of a recommendation.",
    {
        RecommendationStatus.OPEN: "To be done.",
        RecommendationStatus.STARTED: "Somebody is at it.",
        RecommendationStatus.COMPLETED: "Followed up, with an outcome.",
        RecommendationStatus.SNOOZED: "To be done, but not before a time.",
        RecommendationStatus.DISMISSED: "Not wanted, for a reason that was given.",
        RecommendationStatus.WITHDRAWN: "What it rested on no longer holds.",
        RecommendationStatus.EXPIRED: "Its time has passed.",
    },
    name="RecommendationStatus",
)
describe(
    FollowUpOutcome,
    "What came of a follow-up.",
    {
        FollowUpOutcome.CONVERSATION: "They talked or wrote with each other.",
        FollowUpOutcome.MEETING: "They met, or agreed to.",
        FollowUpOutcome.NO_ANSWER: "They were contacted and have not answered.",
        FollowUpOutcome.NOT_NEEDED: "There was nothing to contact them about.",
    },
    name="FollowUpOutcome",
)
