"""`manage.py legacy_sources`: what people decide about sources. Exit 0 done, 1 refused or failed, 2 usage.

An answer about missing rows names the file's content by its checksum, as the refusal prints it.
"""

import getpass
import json
import sys
from argparse import ArgumentParser
from pathlib import Path
from typing import Any, Final, NoReturn

from django.conf import settings

from legacy_import.cell_display import visible
from legacy_import.errors import LegacyImportError, UnknownSourceError
from legacy_import.management.contained_command import LegacyCommand
from legacy_import.mapping import Source
from legacy_import.models import LossQuestion
from legacy_import.services import source_states
from legacy_import.services.row_losses import record_loss_answer
from legacy_import.services.source_withdrawals import take_back_withdrawal, withdraw_source
from legacy_import.undeclared.sources import find_source

_ANSWERS: Final = {
    "rows-deleted": LossQuestion.Answer.ROWS_DELETED,
    "wrong-file": LossQuestion.Answer.WRONG_FILE,
}


class Command(LegacyCommand):
    help = (
        "Say what became of rows that are missing from a legacy file; withdraw a source whose file was deleted for"
        " good, or take that back; list the sources with their state."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        verbs = parser.add_subparsers(
            dest="verb", required=True, metavar="list|rows-deleted|wrong-file|withdraw|take-back"
        )
        listing = verbs.add_parser("list", help="show each source's state in a sentence")
        listing.add_argument("--json", action="store_true", help="print one JSON object and nothing else")
        for verb, words in (
            ("rows-deleted", "the missing rows were really deleted: the next import marks them absent"),
            ("wrong-file", "this is not the right file: it stays refused until it changes"),
        ):
            answer = verbs.add_parser(verb, help=words)
            answer.add_argument("source", metavar="SOURCE")
            answer.add_argument("checksum", metavar="CHECKSUM", help="of the refused content, as the refusal prints it")
        withdraw = verbs.add_parser(
            "withdraw", help="the file was deleted for good: pass the source over, keep its rows"
        )
        withdraw.add_argument("source", metavar="SOURCE")
        withdraw.add_argument("--legacy-dir", type=Path, default=settings.LEGACY_DIR, help="where the files lie")
        take_back = verbs.add_parser("take-back", help="import a withdrawn source again")
        take_back.add_argument("source", metavar="SOURCE")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            sentence = self._run_verb(options)
        except UnknownSourceError as error:
            self._exit_with(str(error), 2)
        except LegacyImportError as error:
            self._exit_with(str(error), 1)
        self.stdout.write(sentence)

    def _run_verb(self, options: dict[str, Any]) -> str:
        """Do what the verb says, and return what to print."""
        if options["verb"] == "list":
            return _format_source_states(as_json=options["json"])
        source, person = find_source(options["source"]), _current_user_name()
        match options["verb"]:
            case "withdraw":
                withdrawal = withdraw_source(source, legacy_dir=options["legacy_dir"], withdrawn_by=person)
                kept = f"; its last snapshot is kept for good: {withdrawal.snapshot_path}"
                return f"{source.name}: withdrawn; its rows stay{kept if withdrawal.snapshot_path else ''}."
            case "take-back":
                take_back_withdrawal(source.name, taken_back_by=person)
                return (
                    f"{source.name}: the withdrawal is taken back; import_legacy {_import_option(source)} imports it."
                )
            case verb:
                question = record_loss_answer(
                    source.name, _ANSWERS[verb], sha256=options["checksum"], answered_by=person
                )
                if question.answer == LossQuestion.Answer.ROWS_DELETED:
                    sync = ", or the next sync," if source.is_declared else ""
                    return (
                        f"{source.name}: noted. import_legacy {_import_option(source)}{sync} imports the file as it is"
                        " and marks the missing rows absent."
                    )
                return f"{source.name}: noted. The file stays refused until it changes: put the right one in its place."

    def _exit_with(self, sentence: str, code: int) -> NoReturn:
        self.stderr.write(sentence)
        sys.exit(code)


def _import_option(source: Source) -> str:
    return f"--source={source.name}" if source.is_declared else "--undeclared"


def _format_source_states(*, as_json: bool) -> str:
    states = source_states()
    if as_json:
        return json.dumps({one.source: {"state": one.state, "sentence": one.sentence} for one in states})
    return "\n".join(f"{visible(one.source)}: {one.state}. {visible(one.sentence)}" for one in states)


def _current_user_name() -> str:
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return ""  # the system does not know who is at the terminal
