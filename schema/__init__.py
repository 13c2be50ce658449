"""The GraphQL contract: Strawberry types, one file a noun, and nothing else."""
