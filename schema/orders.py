"""In which order to list what."""

from enum import StrEnum

from schema.enums import describe


class CampaignOrder(StrEnum):
    """How to list campaigns."""

    SENT_AT_DESC = "SENT_AT_DESC"
    SENT_AT = "SENT_AT"
    NAME = "NAME"
    NAME_DESC = "NAME_DESC"


class CustomerOrder(StrEnum):
    """How to list customers."""

    NAME = "NAME"
    NAME_DESC = "NAME_DESC"
    RENEWS_ON = "RENEWS_ON"
    CREATED_AT_DESC = "CREATED_AT_DESC"
    MOST_ENGAGED = "MOST_ENGAGED"
    LAST_ENGAGED_AT = "LAST_ENGAGED_AT"
    DARK_AT = "DARK_AT"


describe(
    CampaignOrder,
    "How to list campaigns; ties are broken by id.",
    {
        CampaignOrder.SENT_AT_DESC: "Sent last first; those of unknown time last.",
        CampaignOrder.SENT_AT: "Sent first first; those of unknown time first.",
        CampaignOrder.NAME: "By name.",
        CampaignOrder.NAME_DESC: "By name, backwards.",
    },
)
describe(
    CustomerOrder,
    "How to list customers; ties are broken by id.",
    {
        CustomerOrder.NAME: "By name.",
        CustomerOrder.NAME_DESC: "By name, backwards.",
        CustomerOrder.RENEWS_ON: "Renewing soonest first; those of unknown date last.",
        CustomerOrder.CREATED_AT_DESC: "Known for the shortest time first.",
        CustomerOrder.MOST_ENGAGED: "The highest score now first.",
        CustomerOrder.LAST_ENGAGED_AT: "Those first of whom nobody has done anything for longest: "
        "with the levels HIGH and MEDIUM, those who are cooling.",
        CustomerOrder.DARK_AT: "Those first who went dark first, then those who will.",
    },
)
