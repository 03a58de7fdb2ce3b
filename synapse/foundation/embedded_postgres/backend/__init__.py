"""Django's PostgreSQL backend on the embedded server: the module Django loads is `base`."""
