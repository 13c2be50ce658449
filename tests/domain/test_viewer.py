"""What each role may."""

import pytest

from domain.viewer import Role, Viewer


@pytest.mark.parametrize(
    ("role", "may_read", "may_read_all"),
    [
        (Role.CSM, True, False),
        (Role.MANAGER, True, True),
        (Role.ADMIN, True, True),
        (Role.INTEGRATION, False, False),
    ],
)
def test_a_role_may_what_the_table_says(role: Role, may_read: bool, may_read_all: bool) -> None:
    viewer = Viewer(role, "somebody")
    assert (viewer.may_read, viewer.may_read_all) == (may_read, may_read_all)
