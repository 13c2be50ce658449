"""What an import changes at one customer: its stakeholders and their addresses, compared."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from domain.directory import ImportedAddress, ImportedStakeholder
from domain.errors import DomainError
from domain.text import shown


@dataclass(frozen=True, slots=True)
class StoredStakeholder:
    """A stakeholder as it is stored; `addresses` maps each address to whether it is the primary."""

    id: int
    external_id: str | None
    name: str | None
    title: str | None
    timezone: str | None
    tracking_consent: str
    addresses: Mapping[str, bool] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class AddressChange:
    """An address that a stakeholder gains, or keeps with another rank."""

    position: int
    """Of the stakeholder in the import."""
    address: ImportedAddress
    is_primary: bool


@dataclass(frozen=True, slots=True)
class Merge:
    """What to write. `targets` has, for each imported stakeholder, the stored one it is, if any."""

    targets: Sequence[StoredStakeholder | None]
    changed: Sequence[StoredStakeholder]
    removed: Sequence[str]
    added: Sequence[AddressChange]
    ranked: Sequence[AddressChange]
    emptied: Sequence[int]
    """Stakeholders without an external id whose last address went to another: they are that one."""

    @property
    def is_empty(self) -> bool:
        """Whether nothing changes."""
        return all(self.targets) and not (self.changed or self.removed or self.added or self.ranked)


def merge_stakeholders(
    imported: Sequence[ImportedStakeholder], stored: Sequence[StoredStakeholder]
) -> Merge:
    """Compare an import with what one customer has.

    `stored` has every stakeholder of the customer that the import names by external id or address.
    A stakeholder is known by its external id, else by an address, else it is new; those that the
    import does not name stay. Raises DomainError DUPLICATE_STAKEHOLDER, ADDRESS_TAKEN.
    """
    holders = {address: one for one in stored for address in one.addresses}
    targets = _find_targets(imported, stored, holders)
    pairs = list(zip(imported, targets, strict=True))
    targeted = {target.id for target in targets if target is not None}
    rewritten = {t.id for entry, t in pairs if t is not None and entry.addresses is not None}
    added: list[AddressChange] = []
    ranked: list[AddressChange] = []
    lost = _unlisted(pairs)
    for position, (entry, target) in enumerate(pairs):
        for rank, found in enumerate(entry.addresses or ()):
            holder = holders.get(found.address)
            change = AddressChange(position, found, is_primary=rank == 0)
            if holder is None:
                added.append(change)
            elif target is None or holder.id != target.id:
                if holder.id not in rewritten:
                    _refuse_if_taken(holder, targeted, found)
                added.append(change)
                lost.add(found.address)
            elif holder.addresses[found.address] != change.is_primary:
                ranked.append(change)
    return Merge(
        targets=targets,
        changed=_changed(pairs),
        removed=sorted(lost),
        added=added,
        ranked=ranked,
        emptied=_emptied(stored, targeted, lost),
    )


Pairs = Iterable[tuple[ImportedStakeholder, StoredStakeholder | None]]
"""Each imported stakeholder with the stored one it is, if any."""


def _unlisted(pairs: Pairs) -> set[str]:
    """The addresses of stakeholders that the import lists without them."""
    return {
        address
        for entry, target in pairs
        if target is not None and entry.addresses is not None
        for address in target.addresses.keys() - {found.address for found in entry.addresses}
    }


def _find_targets(
    imported: Sequence[ImportedStakeholder],
    stored: Sequence[StoredStakeholder],
    holders: Mapping[str, StoredStakeholder],
) -> list[StoredStakeholder | None]:
    by_external_id = {one.external_id: one for one in stored if one.external_id}
    targets: list[StoredStakeholder | None] = []
    taken: dict[int, ImportedStakeholder] = {}
    for entry in imported:
        target = by_external_id.get(entry.external_id or "") or _by_address(entry, holders)
        if target is not None and taken.setdefault(target.id, entry) is not entry:
            raise _same_person(entry, taken[target.id])
        targets.append(target)
    return targets


def _by_address(
    entry: ImportedStakeholder, holders: Mapping[str, StoredStakeholder]
) -> StoredStakeholder | None:
    for found in entry.addresses or ():
        holder = holders.get(found.address)
        if holder is not None and not (entry.external_id and holder.external_id):
            return holder
    return None


def _same_person(entry: ImportedStakeholder, other: ImportedStakeholder) -> DomainError:
    return DomainError(
        "DUPLICATE_STAKEHOLDER",
        f"{'.'.join(entry.path)} and {'.'.join(other.path)} are one stakeholder, by what is known "
        "of their addresses: list the person once, with all addresses",
        entry.path,
    )


def _refuse_if_taken(holder: StoredStakeholder, targeted: set[int], found: ImportedAddress) -> None:
    """An address moves only away from somebody the company's own system does not know."""
    if holder.external_id is None and holder.id not in targeted:
        return
    who = holder.external_id or holder.name or next(iter(holder.addresses))
    raise DomainError(
        "ADDRESS_TAKEN",
        f"{shown(found.address)} belongs to stakeholder {shown(who)} of this customer: "
        "list that stakeholder too, without the address",
        found.path,
    )


def _changed(pairs: Pairs) -> list[StoredStakeholder]:
    updated = [(target, updated_by(entry, target)) for entry, target in pairs if target]
    return [new for old, new in updated if new != old]


def updated_by(entry: ImportedStakeholder, stored: StoredStakeholder) -> StoredStakeholder:
    """The stakeholder with what the import says of it."""
    return replace(
        stored,
        external_id=stored.external_id or entry.external_id,
        name=pick(entry.name, stored.name),
        title=pick(entry.title, stored.title),
        timezone=pick(entry.timezone, stored.timezone),
        tracking_consent=entry.tracking_consent or stored.tracking_consent,
    )


def pick(given: str | None, stored: str | None) -> str | None:
    """A text field after an import: None leaves it, an empty string empties it."""
    return stored if given is None else given or None


def _emptied(stored: Sequence[StoredStakeholder], targeted: set[int], lost: set[str]) -> list[int]:
    return [
        one.id
        for one in stored
        if one.id not in targeted and one.addresses and lost.issuperset(one.addresses)
    ]
