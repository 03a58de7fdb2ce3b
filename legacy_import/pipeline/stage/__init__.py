"""Stage two, staging: the file's schema is read, and its cells are carried by COPY into staging tables of text."""
