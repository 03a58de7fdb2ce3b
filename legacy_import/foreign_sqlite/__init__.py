"""What the program that wrote a file has and this SQLite lacks: collations, functions, modules, newer syntax.

- `statements`  finds in a CREATE statement what this SQLite does not know.
- `respelling`  spells a schema in UTF-8 that is none, in a copy.
- `reading`     opens a file all the same, with substitutes for collations, and checks its structure.
"""
