"""`manage.py first_admin`: make the first superuser and print the generated password, once."""

from typing import Any

from synapse.console.people.first_admin import FIRST_ADMIN, create_first_admin
from synapse.foundation.contained_command import ContainedCommand


class Command(ContainedCommand):
    help = "Create the superuser admin with a generated password, printed once, where there is no superuser yet."

    def handle(self, *_args: Any, **_options: Any) -> None:
        password = create_first_admin()
        if password is None:
            self.stdout.write(f"There is an admin already; a new password: manage.py changepassword {FIRST_ADMIN}")
        else:
            self.stdout.write(f"Log in as {FIRST_ADMIN} with the password {password}")
            self.stdout.write("It is shown this once; only its hash is kept.")
