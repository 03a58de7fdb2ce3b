"""Quoting for the SQL that is built from declarations."""


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
