"""The processes: web, worker and command line. Only this folder reads the environment."""
