"""Ask what became of rows that are missing from a file, and take a person's answer.

Called by importing where the pipeline refuses a file, and by the sources' page and the command legacy_sources. An
answer is about one content of the file, named by its checksum: it says nothing of what the file becomes later.
"""

import logging
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any, Final

from django.db import DatabaseError, InterfaceError, transaction
from django.utils import timezone

from legacy_import.errors import TerminalError
from legacy_import.mapping import Source
from legacy_import.models import LossQuestion
from legacy_import.pipeline.row_loss import RowLossError
from legacy_import.source_decisions import SHOWN_CHECKSUM_LENGTH, find_loss_question, loss_sentence
from synapse.foundation.databases import BUSINESS_CORE
from synapse.foundation.logs.logged_calls import log_calls
from synapse.foundation.text.error_line import error_line

_logger: Final = logging.getLogger(__name__)


@contextmanager
def ask_about_loss(source: Source, *, dry_run: bool) -> Iterator[None]:
    """Turn the pipeline's refusal into a question to a person, and raise TerminalError, which says how to answer."""
    try:
        yield
    except RowLossError as error:
        question = find_loss_question(source.name, error.sha256) if dry_run else _save_loss_question(source, error)
        raise TerminalError(loss_sentence(source, error.loss, sha256=error.sha256, question=question)) from error


def _save_loss_question(source: Source, error: RowLossError) -> LossQuestion | None:
    """Keep the question; return it where it was asked about this very content before, with its answer."""
    question = None
    try:
        with transaction.atomic(using=BUSINESS_CORE):
            questions = LossQuestion.objects.using(BUSINESS_CORE).select_for_update()
            question = questions.filter(source=source.name, sha256=error.sha256).first()
            facts: dict[str, Any] = {"path": source.path, "tables": error.loss.as_json()}
            if question is None:
                # A question about another content, and its answer, are over.
                facts |= {"sha256": error.sha256, "asked_at": timezone.now(), "answer": ""}
                facts |= {"answered_by": "", "answered_at": None}
            LossQuestion.objects.using(BUSINESS_CORE).update_or_create(source=source.name, defaults=facts)
    except (DatabaseError, InterfaceError) as trouble:
        # The next import asks again: nothing of the file was imported.
        reason = error_line(trouble)
        _logger.warning("%s: the question about its missing rows could not be kept: %s", source.name, reason)
    return question


def delete_loss_question(source: str) -> None:
    """Forget what was asked and answered: the source is in step with its file."""
    try:
        with transaction.atomic(using=BUSINESS_CORE):
            LossQuestion.objects.using(BUSINESS_CORE).filter(source=source).delete()
    except (DatabaseError, InterfaceError) as trouble:
        # An answer left behind is about a content that is gone; the next look tries again.
        reason = error_line(trouble)
        _logger.warning("%s: an answered question could not be removed: %s", source, reason)


def _answer_log_fields(call: Mapping[str, Any], question: LossQuestion) -> dict[str, Any]:
    return {"source": call["source"], "answer": question.answer, "sha256": question.sha256, "by": call["answered_by"]}


@log_calls("source.loss_answered", _answer_log_fields)
def record_loss_answer(source: str, answer: LossQuestion.Answer, *, sha256: str, answered_by: str) -> LossQuestion:
    """Keep a person's answer about the content whose checksum begins so; return the question with it.

    Raises TerminalError where nothing is asked about the source, or about another content by now.
    """
    checksum = sha256.strip().lower()
    with transaction.atomic(using=BUSINESS_CORE):
        question = LossQuestion.objects.using(BUSINESS_CORE).select_for_update().filter(source=source).first()
        if question is None:
            raise TerminalError(f"{source}: no rows of its file are missing, so there is nothing to answer.")
        if len(checksum) < SHOWN_CHECKSUM_LENGTH or not question.sha256.startswith(checksum):
            raise TerminalError(
                f"{source}: its file has changed since, and your answer was about another content;"
                f" the one refused last is {question.sha256[:SHOWN_CHECKSUM_LENGTH]}: look again."
            )
        question.answer = answer
        question.answered_by = answered_by
        question.answered_at = timezone.now()
        question.save(using=BUSINESS_CORE)
    return question
