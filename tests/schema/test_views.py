"""What is selected decides which columns are read, and whether a row answers it all."""

from datetime import date
from types import SimpleNamespace

import pytest

from schema.campaigns import Campaign
from schema.customers import Customer
from schema.events import Event
from schema.recipients import Recipient
from schema.selections import Selected, within
from schema.views import View

NOTHING: Selected = {}


@pytest.mark.parametrize(
    ("view", "fields", "columns"),
    [
        (Event, {"id": NOTHING, "kind": NOTHING}, {"fact_on", "key", "kind"}),
        (Event, {"__typename": NOTHING}, set()),
        (Event, {"machineReasons": NOTHING}, {"reasons"}),
        (Event, {"campaign": {"name": NOTHING}}, {"recipient_id"}),
        (Recipient, {"delivery": {"status": NOTHING}}, {"status"}),
        (Recipient, {"matches": {"method": NOTHING}}, {"address_id"}),
        (Recipient, {"clicks": {"human": NOTHING}}, {"clicks_human"}),
        (Recipient, {"clicks": {"links": {"url": NOTHING}}}, {"campaign_id", "links"}),
        (Campaign, {"externalId": NOTHING}, {"external_id", "detection"}),
        (Customer, {"renewsOn": NOTHING, "csm": {"name": NOTHING}}, {"renews_on", "csm_id"}),
    ],
)
def test_the_columns_of_what_is_selected_are_known(
    view: type[View], fields: Selected, columns: set[str]
) -> None:
    assert view.columns(fields) == frozenset(columns)


def test_a_resolver_of_which_nothing_is_known_has_all_columns_read() -> None:
    assert Campaign.columns({"name": NOTHING, "funnel": {"delivered": NOTHING}}) is None


@pytest.mark.parametrize(
    ("view", "fields", "is_answered"),
    [
        (Recipient, {"address": NOTHING, "opens": {"human": NOTHING}}, True),
        (Recipient, {"delivery": {"bounce": {"hard": NOTHING}}}, True),
        (Recipient, {"matches": {"method": NOTHING}}, False),
        (Recipient, {"clicks": {"human": NOTHING}}, True),
        (Recipient, {"clicks": {"links": {"url": NOTHING}}}, False),
        (Customer, {"name": NOTHING, "domains": NOTHING}, True),
        (Customer, {"engagement": {"score": NOTHING}}, False),
    ],
)
def test_whether_a_row_answers_everything_is_known(
    view: type[View], fields: Selected, is_answered: bool
) -> None:
    assert view.is_answered(fields) is is_answered


def test_a_field_is_read_of_the_row_when_it_is_asked_for() -> None:
    row = SimpleNamespace(fact_on=date(2026, 11, 22), key=bytes(16), kind="OPENED", reasons=[])

    event = Event.of(row)

    assert event.kind == "OPENED"
    assert event.machine_reasons == []
    with pytest.raises(AttributeError, match="actor"):
        _ = event.actor  # was not read


def test_selections_at_two_places_are_merged() -> None:
    tree: Selected = {
        "nodes": {"kind": NOTHING, "campaign": {"name": NOTHING}},
        "edges": {"node": {"url": NOTHING, "campaign": {"subject": NOTHING}}},
    }

    assert within(tree, "nodes", "edges.node") == {
        "kind": {},
        "url": {},
        "campaign": {"name": {}, "subject": {}},
    }
    assert within(tree, "edges.cursor") is None
