"""Where every change begins."""

import strawberry

from schema.capture import CaptureMutation
from schema.classifying import ClassifyingMutation
from schema.digests import DigestMutation
from schema.follow_ups import FollowUpMutation
from schema.importing import ImportMutation
from schema.keys import KeyMutation
from schema.privacy import PrivacyMutation
from schema.recording import RecordingMutation
from schema.registering import RegisteringMutation
from schema.reviewing import ReviewMutation
from schema.tracking import TrackingMutation
from schema.webhook_endpoints import WebhookMutation
from schema.workflows import WorkflowMutation


@strawberry.type(description="What can be changed.")
class Mutation(
    RecordingMutation,
    ImportMutation,
    RegisteringMutation,
    ClassifyingMutation,
    ReviewMutation,
    FollowUpMutation,
    DigestMutation,
    TrackingMutation,
    PrivacyMutation,
    CaptureMutation,
    KeyMutation,
    WorkflowMutation,
    WebhookMutation,
):
    pass
