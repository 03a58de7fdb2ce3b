"""What people decided about sources, read: which are withdrawn, and what was answered about rows that are missing.

Written by legacy_import.services.row_losses and source_withdrawals; read by imports, validation, pruning and pages.
"""

import shlex
from typing import Final

from django.utils import timezone

from legacy_import.cell_display import visible
from legacy_import.mapping import Source
from legacy_import.models import LossQuestion, SourceWithdrawal
from legacy_import.pipeline.row_loss import RowLoss
from synapse.foundation.databases import BUSINESS_CORE

SHOWN_CHECKSUM_LENGTH: Final = 12
"""So many digits of a file's checksum name its content to a person, and in the name of its snapshot."""


def withdrawn_sources() -> dict[str, SourceWithdrawal]:
    """Return the withdrawals in force, by source."""
    in_force = SourceWithdrawal.objects.using(BUSINESS_CORE).filter(taken_back_at__isnull=True)
    return {withdrawal.source: withdrawal for withdrawal in in_force}


def find_withdrawal(source: str) -> SourceWithdrawal | None:
    """Return the source's withdrawal in force, None where there is none."""
    in_force = SourceWithdrawal.objects.using(BUSINESS_CORE).filter(taken_back_at__isnull=True)
    return in_force.filter(source=source).first()


def loss_questions() -> dict[str, LossQuestion]:
    """Return the questions about missing rows, answered or not, by source."""
    return {question.source: question for question in LossQuestion.objects.using(BUSINESS_CORE)}


def find_loss_question(source: str, sha256: str) -> LossQuestion | None:
    """Return the question about a file's content, None where nobody was asked about it."""
    return LossQuestion.objects.using(BUSINESS_CORE).filter(source=source, sha256=sha256).first()


def is_deletion_confirmed(source: str, sha256: str) -> bool:
    """Say whether a person answered that the rows missing from this content were really deleted."""
    question = find_loss_question(source, sha256)
    return question is not None and question.answer == LossQuestion.Answer.ROWS_DELETED


def loss_sentence(source: Source, loss: RowLoss, *, sha256: str, question: LossQuestion | None) -> str:
    """Return why nothing of a file is imported that has lost its rows, and what a person does about it."""
    found = f"{source.name}: its file has lost {visible(loss.describe_loss())}, so nothing of it is imported"
    # An undeclared file's name is its path, which may have spaces; the page asks about declared sources.
    content = f"{shlex.quote(source.name)} {sha256[:SHOWN_CHECKSUM_LENGTH]}"
    page = "on the page Sources or " if source.is_declared else ""
    if question is not None and question.answer == LossQuestion.Answer.WRONG_FILE:
        who = visible(question.answered_by) or "Somebody"
        when = timezone.localtime(question.answered_at) if question.answered_at else None
        at = f" at {when:%Y-%m-%d %H:%M}" if when else ""
        return (
            f"{found}. {who} answered{at} that this is not the right file: put the right one in its place,"
            f" or say manage.py legacy_sources rows-deleted {content} if the rows were deleted after all."
        )
    return (
        f"{found}. If the rows were really deleted, say so {page}by manage.py legacy_sources"
        f" rows-deleted {content}; if this is not the right file, by manage.py legacy_sources wrong-file {content}."
    )


def describe_withdrawal(withdrawal: SourceWithdrawal) -> str:
    """Return who withdrew a source and when."""
    who = visible(withdrawal.withdrawn_by) or "somebody"
    return f"withdrawn by {who} at {timezone.localtime(withdrawal.withdrawn_at):%Y-%m-%d %H:%M}"


def withdrawal_sentence(withdrawal: SourceWithdrawal, *, path: str, is_there: bool) -> str:
    """Return that a source is passed over, and what to do where its file is there again; the source is not named."""
    words = f"{describe_withdrawal(withdrawal)}, so it is passed over and its rows stay"
    if is_there:
        return (
            f"{words}. Its file {visible(path)} is there again: to import it, take the withdrawal back on the page"
            f" Sources or by manage.py legacy_sources take-back {withdrawal.source}."
        )
    return f"{words}."
