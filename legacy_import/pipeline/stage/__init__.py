"""Stage two, staging: the file's schema, and its cells carried by COPY into temporary tables of text."""
