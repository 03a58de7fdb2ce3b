"""The addresses for monitoring programs."""

from django.urls import path

from synapse.console.health import views

urlpatterns = [
    path("health/live", views.answer_liveness, name="health-live"),
    path("health/ready", views.answer_readiness, name="health-ready"),
    path("metrics", views.answer_metrics, name="metrics"),
]
