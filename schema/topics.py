"""What content is about."""

import strawberry


@strawberry.type(description="What a campaign or a link is about.")
class Topic:
    name: str = strawberry.field(
        description="The topic's name as it was declared; of a link without declared topics, words "
        "of its path and UTM parameters."
    )


def topics(names: list[str]) -> list[Topic]:
    """Topics by their names."""
    return [Topic(name=name) for name in names]
