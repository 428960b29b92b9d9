"""Django's PostgreSQL backend, with a connection that is looked at before it is used again."""
