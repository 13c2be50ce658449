"""A believable portfolio and its traffic, sent through the public doors: talks HTTP only."""
