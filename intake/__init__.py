"""From a provider's bytes and headers to domain events; no provider's word appears behind it."""
