"""`manage.py run_job NAME`: run a job in this process, by the same code the workers use."""

import getpass
import sys
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import CommandError

from synapse.foundation.contained_command import ContainedCommand
from synapse.kit.jobs.errors import JobError, JobFailedError, UnknownJobError
from synapse.kit.jobs.performing import run_job_by_hand
from synapse.kit.jobs.registry import all_jobs


class Command(ContainedCommand):
    help = "Run a job now, in this process. Exit 0 done · 1 failed, with the reason · 2 no such job or option."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("name", nargs="?", help="the job's name; without it the jobs are listed")
        parser.add_argument(
            "--set", action="append", default=[], metavar="OPTION[=VALUE]", dest="options", help="an option of the job"
        )

    def handle(self, *_args: Any, name: str | None, options: list[str], **_options: Any) -> None:
        if name is None:
            for job in all_jobs():
                self.stdout.write(f"{job.name:20} {job.title}{f' ({job.cron})' if job.cron else ''}")
                for option in job.options:
                    choices = f"={'|'.join(option.choices)}" if option.choices else ""
                    self.stdout.write(f"    --set {option.name}{choices}: {option.help}")
            return
        # A flag has no value: it is given by its name alone.
        given = [option.partition("=") for option in options]
        arguments = {option: value if is_valued else True for option, is_valued, value in given}
        try:
            run = run_job_by_hand(name, requested_by=getpass.getuser(), arguments=arguments)
        except UnknownJobError as error:
            raise CommandError(str(error), returncode=2) from None
        except JobFailedError as error:
            raise CommandError(f"{error} Id in the log: {error.run_id}") from None
        except JobError as error:
            raise CommandError(str(error)) from None
        except KeyboardInterrupt:
            self.stderr.write("Stopped; what was done by then stays done.")
            sys.exit(1)
        self.stdout.write(str((run.result or {}).get("summary", "Done.")))
