"""Where every change begins."""

import strawberry

from schema.capture import CaptureMutation
from schema.keys import KeyMutation
from schema.recording import RecordingMutation


@strawberry.type(description="What can be changed.")
class Mutation(RecordingMutation, CaptureMutation, KeyMutation):
    pass
