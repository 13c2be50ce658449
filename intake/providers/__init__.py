"""One file a provider: how its requests are trusted, taken apart and read."""
