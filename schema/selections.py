"""What was selected below a field: so that a resolver reads at once what will be asked for."""

from collections.abc import Mapping

from graphql import FieldNode, FragmentDefinitionNode, FragmentSpreadNode, SelectionSetNode

from schema.scalars import Info


def selects(info: Info, *names: str) -> bool:
    """Whether a field of one of these names stands anywhere below the field.

    True also for what a directive leaves out, or a fragment on another type has: reading too much
    is slower, not wrong.
    """
    raw = info._raw_info
    return any(_has(node.selection_set, raw.fragments, names, set()) for node in raw.field_nodes)


def _has(
    selections: SelectionSetNode | None,
    fragments: Mapping[str, FragmentDefinitionNode],
    names: tuple[str, ...],
    seen: set[str],
) -> bool:
    for node in selections.selections if selections else ():
        if isinstance(node, FieldNode) and node.name.value in names:
            return True
        if isinstance(node, FragmentSpreadNode):
            if node.name.value in seen:
                continue
            seen.add(node.name.value)
            below: SelectionSetNode | None = fragments[node.name.value].selection_set
        else:
            below = getattr(node, "selection_set", None)
        if _has(below, fragments, names, seen):
            return True
    return False
