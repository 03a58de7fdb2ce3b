"""The addresses of the operator's page, its live part, a page per job and per run, and the actions on them."""

from collections.abc import Callable
from typing import Any

from django.contrib import admin
from django.http import HttpResponseBase
from django.urls import path

from synapse.console.operations import actions, pages


def _staff_only(view: Callable[..., HttpResponseBase]) -> Callable[..., Any]:
    """Let only people who may enter the admin in; others are asked to log in."""
    return admin.site.admin_view(view)


app_name = "operations"
urlpatterns = [
    path("", _staff_only(pages.operations_page), name="console"),
    path("live/", _staff_only(pages.operations_live_part), name="live"),
    path("jobs/<slug:job>/", _staff_only(pages.job_page), name="job"),
    path("jobs/<slug:job>/live/", _staff_only(pages.job_live_part), name="job-live"),
    path("jobs/<slug:job>/run/", _staff_only(actions.run_job_now), name="run-now"),
    path("jobs/<slug:job>/pause/", _staff_only(actions.pause_schedule), name="pause"),
    path("jobs/<slug:job>/resume/", _staff_only(actions.resume_schedule), name="resume"),
    path("runs/<uuid:run>/", _staff_only(pages.run_page), name="run"),
    path("runs/<uuid:run>/live/", _staff_only(pages.run_live_part), name="run-live"),
    path("runs/<uuid:run>/retry/", _staff_only(actions.retry_given_up_run), name="retry"),
    path("runs/<uuid:run>/settle/", _staff_only(actions.dismiss_given_up_run), name="settle"),
    path("runs/<uuid:run>/reopen/", _staff_only(actions.reopen_dismissed_run), name="reopen"),
]
