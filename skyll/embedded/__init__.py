"""Real PostgreSQL and valkey out of wheels, for every command that is given no other.

    services    what a command asks for: both at hand, as long as it runs
    keeper      one process per server: starts it, watches it, stops it after its last user
    postgres    valkey    how each is made, started, probed and stopped
    places      where data, sockets and programs lie, and whose they are
    locks       who is alive
    tether      no child outlives its parent
    run         `make run`: prepare, then one process manager, then the screen

Nothing here imports Django, so that the settings can be read after the servers have started.
"""
