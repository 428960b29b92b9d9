"""One module per subject; each is found by itself, and its rows by `bench.frame.row`.

A module that needs the database sets Django up itself, inside the row and not on import, so that
the other rows run without one.
"""
