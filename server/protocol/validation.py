"""The rules that a document must keep, with a bound on what checking them may cost."""

from graphql import ASTValidationRule, OverlappingFieldsCanBeMergedRule, specified_rules
from graphql.validation import ValidationContext

OVERLAP_BUDGET = 20_000
"""Comparisons of fields that may end up under one name, in graphql-core's units (two a pair).

Their number grows with the square of a document; graphql-core's own 500,000 take seconds. Sixty
fragments spread side by side need about 4,000.
"""


class BoundedOverlap(OverlappingFieldsCanBeMergedRule):
    """Refuses a document whose fields would take too long to compare."""

    def __init__(self, context: ValidationContext) -> None:
        super().__init__(context)
        self.rule_context.remaining_complexity_budget = OVERLAP_BUDGET


RULES: tuple[type[ASTValidationRule], ...] = tuple(
    BoundedOverlap if rule is OverlappingFieldsCanBeMergedRule else rule for rule in specified_rules
)
"""GraphQL's rules, made once: whoever makes rule classes per request defeats every cache."""
