"""The demo, let in: a token of its own and the secrets that its providers sign with."""

SECRETS = "demo_secrets.json"
"""In DATA_DIR; `run` lets the service believe what is signed with them."""
