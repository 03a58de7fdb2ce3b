"""The log of requests and accounts: each request's id and line, and who signed in or was given a permission."""
