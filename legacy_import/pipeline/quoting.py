"""Quoting for the SQL that is built from declarations, and the path of a legacy table within a ledger id."""


def identifier(name: str) -> str:
    """Return a PostgreSQL identifier in quotes."""
    return '"' + name.replace('"', '""') + '"'


def literal(text: str) -> str:
    """Return a PostgreSQL string literal; backslashes keep their own meaning."""
    quoted = "'" + text.replace("'", "''").replace("\\", "\\\\") + "'"
    return f"E{quoted}" if "\\" in text else quoted


def literal_list(texts: tuple[str, ...]) -> str:
    """Return literals with commas between them."""
    return ", ".join(literal(text) for text in texts)


def ledger_path(source: str, table: str) -> str:
    """Return the prefix of a row's key in the text that its ledger id is the md5 of."""
    # A slash within a name would let one table's row pass for another's.
    escaped = table.replace("%", "%25").replace("/", "%2F")
    return f"{source}/{escaped}/"
