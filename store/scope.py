"""The one place that decides what a viewer sees: every read and every subscription starts here."""

from domain.viewer import Role, Viewer


def scope(viewer: Viewer, customer: str = "c") -> tuple[str, int | None]:
    """The condition on the `customer` table (by its alias) that a viewer's reads carry.

    Returns SQL that uses `$1`, and the value to pass as `$1`: every scoped statement takes it first.
    Managers and admins see all, a CSM their portfolio, an integration nothing.
    """
    if viewer.may_read_all:
        return "($1::bigint IS NULL)", None
    if viewer.role is Role.CSM and viewer.csm_id is not None:
        return f"({customer}.csm_id = $1::bigint)", viewer.csm_id
    return "($1::bigint IS NULL AND false)", None
