"""`python -m server COMMAND`."""

from server.cli import main

main()
