"""Where all listening begins."""

import strawberry

from schema.feed import FeedSubscription
from schema.recommendations import RecommendationSubscription


@strawberry.type(description="What can be listened to, each by its own operation.")
class Subscription(FeedSubscription, RecommendationSubscription):
    pass
