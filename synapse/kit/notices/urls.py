"""URLs of the notices: the list, marking as read, a person's choice of mails."""

from django.contrib import admin
from django.urls import path

from synapse.kit.notices import views

app_name = "notices"
urlpatterns = [
    path("", admin.site.admin_view(views.notices_view), name="list"),
    path("read/", admin.site.admin_view(views.mark_read_view), name="read"),
    path("mine/", admin.site.admin_view(views.mail_preferences_view), name="mine"),
]
