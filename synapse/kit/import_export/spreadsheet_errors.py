"""What spreadsheet programs write into a file where a formula failed, in the languages that have words of their own."""

from typing import Final

_ENGLISH: Final = (
    "#REF!",
    "#N/A",
    "#DIV/0!",
    "#VALUE!",
    "#NAME?",
    "#NUM!",
    "#NULL!",
    "#ERROR!",
    "#SPILL!",
    "#CALC!",
    "#FIELD!",
    "#BLOCKED!",
    "#UNKNOWN!",
    "#CONNECT!",
    "#BUSY!",
    "#EXTERNAL!",
    "#PYTHON!",
    "#GETTING_DATA",
)
_GERMAN: Final = ("#BEZUG!", "#NV", "#WERT!", "#ZAHL!", "#\u00dcBERLAUF!")
_FRENCH: Final = ("#VALEUR!", "#NOM?", "#NOMBRE!", "#NUL!")
_ITALIAN: Final = ("#RIF!", "#N/D", "#VALORE!", "#NOME?", "#NULLO!")
_SPANISH: Final = (
    "#\u00a1REF!",
    "#\u00a1VALOR!",
    "#\u00bfNOMBRE?",
    "#\u00a1DIV/0!",
    "#\u00a1NUM!",
    "#\u00a1NULO!",
    "#VALOR!",
    "#NULO!",
)
_LIBREOFFICE: Final = tuple(f"Err:{number}" for number in range(501, 541))

ERROR_WORDS: Final = frozenset({*_ENGLISH, *_GERMAN, *_FRENCH, *_ITALIAN, *_SPANISH, *_LIBREOFFICE})
"""A cell that is one of these is no value; a text that is one is marked when it is exported (formula_escaping.py)."""
