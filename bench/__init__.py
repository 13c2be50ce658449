"""The measurements the documentation quotes, each beside its ceiling on the same machine."""
