"""The rules of the service: pure functions over frozen values, standard library only."""
