"""The monitor's addresses: the console, its living part, a page per job and per run, and the operator's actions."""

from collections.abc import Callable
from typing import Any

from django.contrib import admin
from django.http import HttpResponseBase
from django.urls import path

from synapse.console.operations import actions, pages


def _inside(view: Callable[..., HttpResponseBase]) -> Callable[..., Any]:
    """Let only people of the admin in; others are asked to log in."""
    return admin.site.admin_view(view)


app_name = "operations"
urlpatterns = [
    path("", _inside(pages.console_page), name="console"),
    path("live/", _inside(pages.live_part), name="live"),
    path("jobs/<slug:job>/", _inside(pages.job_page), name="job"),
    path("jobs/<slug:job>/live/", _inside(pages.job_live_part), name="job-live"),
    path("jobs/<slug:job>/run/", _inside(actions.run_now), name="run-now"),
    path("jobs/<slug:job>/pause/", _inside(actions.pause), name="pause"),
    path("jobs/<slug:job>/resume/", _inside(actions.resume), name="resume"),
    path("runs/<uuid:run>/", _inside(pages.run_page), name="run"),
    path("runs/<uuid:run>/live/", _inside(pages.run_live_part), name="run-live"),
    path("runs/<uuid:run>/retry/", _inside(actions.retry), name="retry"),
    path("runs/<uuid:run>/settle/", _inside(actions.settle), name="settle"),
    path("runs/<uuid:run>/reopen/", _inside(actions.reopen), name="reopen"),
]
