"""A realistic mix of requests at a steady pace against the real server: python -m bench.load."""
