"""What each field does, for a viewer: plain async functions from arguments to frozen rows."""
