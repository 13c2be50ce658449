"""The GraphQL protocols in front of the schema: guards, costs, HTTP, SSE and WebSocket."""
