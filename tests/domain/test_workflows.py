"""Workflows as they are wanted, and as they are written down."""

import json
from importlib import import_module
from typing import Any

import pytest

from domain.conditions import written
from domain.errors import DomainError
from domain.workflows import actions, plan, worded, written_actions

CONDITION = {"silentForDays": 60}
RECOMMEND = {"recommend": {"reason": "Call {stakeholder}.", "talkingPoints": ["About {customer}."]}}
DONE: list[dict[str, Any]] = [
    RECOMMEND,
    {"callWebhook": {"endpointId": 7}},
    {"setDueDate": {"days": 3}},
]
GIVEN: dict[str, Any] = {"name": "Silent", "condition": CONDITION, "actions": DONE}


def test_a_workflow_is_off_and_rests_thirty_days_where_nothing_is_said() -> None:
    wanted = plan(GIVEN)
    assert (wanted.is_enabled, wanted.window_days, wanted.description) == (False, 30, "")
    assert written(wanted.condition) == CONDITION
    assert written_actions(wanted.actions) == DONE


@pytest.mark.parametrize(
    ("given", "path"),
    [
        ({"name": " "}, ("name",)),
        ({"name": "x" * 201}, ("name",)),
        ({"description": "\x00"}, ("description",)),
        ({"windowDays": 0}, ("windowDays",)),
        ({"condition": {}}, ("condition",)),
        ({"actions": []}, ("actions",)),
        ({"actions": [{}]}, ("actions", "0")),
        ({"actions": [{"dance": {}}]}, ("actions", "0")),
        ({"actions": [RECOMMEND, RECOMMEND]}, ("actions",)),
        ({"actions": [RECOMMEND, {"raiseRisk": {"reason": "x"}}]}, ("actions",)),
        ({"actions": [{"setDueDate": {"days": 1}}]}, ("actions",)),
        (
            {"actions": [RECOMMEND, {"setDueDate": {"days": 91}}]},
            ("actions", "1", "setDueDate", "days"),
        ),
        ({"actions": [{"callWebhook": {}}]}, ("actions", "0", "callWebhook", "endpointId")),
        (
            {"actions": [{"recommend": {"reason": "Hi {name}"}}]},
            ("actions", "0", "recommend", "reason"),
        ),
        ({"actions": [{"recommend": {"reason": "Hi {"}}]}, ("actions", "0", "recommend", "reason")),
    ],
)
def test_what_is_wrong_is_named_with_its_path(given: Any, path: tuple[str, ...]) -> None:
    with pytest.raises(DomainError) as refused:
        plan(GIVEN | given)
    assert (refused.value.code, refused.value.field) == ("INVALID_CONDITION", path)


def test_names_stand_where_a_text_has_room_for_them() -> None:
    text = worded("{stakeholder} of {customer}, {stakeholder}", "{customer}", "Acme")
    assert text == "{customer} of Acme, {customer}"


def test_the_four_triggers_that_come_with_it_are_workflows_like_any_other() -> None:
    made = import_module("store.migrations.0013_workflows")
    plans = [
        plan({"name": n, "description": d, "condition": c, "actions": a, "windowDays": w})
        for n, d, c, a, w in made.DEFAULTS
    ]
    assert [p.name.partition(":")[0] for p in plans] == [
        "High engagement",
        "Clicked specific content",
        "Unsubscribed or complained",
        "No engagement",
    ]
    for one, (_, _, condition, done, _) in zip(plans, made.DEFAULTS, strict=True):
        assert written(one.condition) == condition
        assert json.dumps(written_actions(one.actions)) == json.dumps(done)
        assert actions(done).suggestion is not None
