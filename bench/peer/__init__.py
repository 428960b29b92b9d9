"""Peers with packages of their own: they run apart, in an environment made for them."""
