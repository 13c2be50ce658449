"""What each provider sends, by its documentation, and the events we must make of it."""
