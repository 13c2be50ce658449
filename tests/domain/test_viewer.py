"""What each role may."""

import pytest

from domain.viewer import Role, Viewer


@pytest.mark.parametrize(
    ("role", "may_read", "may_read_all", "may_record"),
    [
        (Role.CSM, True, False, False),
        (Role.MANAGER, True, True, False),
        (Role.ADMIN, True, True, True),
        (Role.INTEGRATION, False, False, True),
    ],
)
def test_a_role_may_what_the_table_says(
    role: Role, may_read: bool, may_read_all: bool, may_record: bool
) -> None:
    viewer = Viewer(role, "somebody")
    assert (viewer.may_read, viewer.may_read_all, viewer.may_record) == (
        may_read,
        may_read_all,
        may_record,
    )
