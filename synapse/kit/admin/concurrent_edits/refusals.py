"""Refusing a whole request: its forms, validated once more, say why nothing was saved and keep what was typed.

For what goes wrong after the forms were found valid: somebody else holds the rows.
"""

from typing import Any, Final

from django.http import HttpRequest

_REFUSAL: Final = "_synapse_refusal"


def refuse_request(request: HttpRequest, sentence: str) -> None:
    """Have every form that is built for the request from here on refuse, with this sentence."""
    setattr(request, _REFUSAL, sentence)


def request_refusal(request: HttpRequest) -> str:
    """Return the sentence, empty where the request was not refused."""
    sentence: str = getattr(request, _REFUSAL, "")
    return sentence


def refusing_form(request: HttpRequest, form: Any) -> Any:
    """Return the form class, or where the request was refused one that refuses with its sentence."""
    sentence = request_refusal(request)
    return type(form.__name__, (form,), {"refusal": sentence}) if sentence else form
