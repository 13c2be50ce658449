"""Where pulling stands, for those who see all."""

from datetime import timedelta

import pytest

from domain.viewer import Viewer
from store.database import Database
from tests.schema.conftest import Run, both_executions
from tests.seeding import ADMIN, INTEGRATION, MANAGER, NOW, csm_viewer

PULLS = "{ capture { pulls { source pulledAt error dueAt } } }"


async def seeded(database: Database) -> None:
    async with database.connection() as connection:
        await connection.executemany(
            "INSERT INTO pull (source, pulled_at, error, due_at) VALUES ($1, $2, $3, $4)",
            [
                ("imaps://news@example.com@imap.example.com:993/INBOX", NOW, None, NOW),
                ("hubspot", None, "HubSpot answered 502", NOW + timedelta(minutes=5)),
            ],
        )


@pytest.mark.parametrize("viewer", [MANAGER, ADMIN])
async def test_every_source_is_shown_with_its_error(
    run: Run, database: Database, viewer: Viewer
) -> None:
    await seeded(database)

    assert (await run(viewer, PULLS))["capture"]["pulls"] == [
        {
            "source": "hubspot",
            "pulledAt": None,
            "error": "HubSpot answered 502",
            "dueAt": (NOW + timedelta(minutes=5)).isoformat().replace("+00:00", "Z"),
        },
        {
            "source": "imaps://news@example.com@imap.example.com:993/INBOX",
            "pulledAt": NOW.isoformat().replace("+00:00", "Z"),
            "error": None,
            "dueAt": NOW.isoformat().replace("+00:00", "Z"),
        },
    ]


@pytest.mark.parametrize("viewer", [csm_viewer(1), INTEGRATION])
@both_executions
async def test_others_see_none_of_it(run: Run, database: Database, viewer: Viewer) -> None:
    await seeded(database)

    answer = await run(viewer, PULLS)

    assert answer["data"] is None
    assert [error.original_error.code for error in answer["errors"]] == ["FORBIDDEN"]
