"""The one place that decides what a viewer sees: every read and every subscription starts here."""

from domain.parts import ALL, of_csm
from domain.viewer import Role, Viewer


def scope(viewer: Viewer, customer: str = "c") -> tuple[str, int | None]:
    """The condition on the `customer` table (by its alias) that a viewer's reads carry.

    Returns SQL that uses `$1`, and the value to pass as `$1`: scoped statements take it first.
    Managers and admins see all, a CSM their portfolio, an integration nothing.
    """
    if viewer.may_read_all:
        return "($1::bigint IS NULL)", None
    if viewer.role is Role.CSM and viewer.csm_id is not None:
        return f"({customer}.csm_id = $1::bigint)", viewer.csm_id
    return "($1::bigint IS NULL AND false)", None


def scope_address(viewer: Viewer, address_id: str) -> tuple[str, int | None]:
    """The condition on rows about an address: it is matched to a customer the viewer sees.

    Who sees all also sees addresses that nobody could be matched to.
    """
    if viewer.may_read_all:
        return scope(viewer)
    condition, value = scope(viewer, "scoped")
    return (
        "EXISTS (SELECT FROM match reach JOIN customer scoped ON scoped.id = reach.customer_id "
        f"WHERE reach.address_id = {address_id} AND {condition})"
    ), value


def scope_campaign(viewer: Viewer, campaign_id: str) -> tuple[str, int | None]:
    """The condition on rows about a campaign: one of its recipients is visible to the viewer."""
    if viewer.may_read_all:
        return scope(viewer)
    condition, value = scope(viewer, "scoped")
    return (
        f"{campaign_id} IN (SELECT sent.campaign_id FROM customer scoped "
        "JOIN match reach ON reach.customer_id = scoped.id "
        f"JOIN recipient sent ON sent.address_id = reach.address_id WHERE {condition})"
    ), value


def scope_part(viewer: Viewer) -> str | None:
    """The counted part (`domain.parts`) that a viewer's figures are; None: there are none.

    Who sees all has everybody counted, matched or not; a CSM the recipients of their portfolio.
    """
    if viewer.may_read_all:
        return ALL
    if viewer.role is Role.CSM and viewer.csm_id is not None:
        return of_csm(viewer.csm_id)
    return None
