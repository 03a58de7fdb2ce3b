"""Notices, who has read them, their mails, and who wants none."""

from synapse.notices.models.notice import Kind, Notice
from synapse.notices.models.notice_mail import MailState, NoticeMail
from synapse.notices.models.notice_preference import NoticePreference
from synapse.notices.models.notice_reading import NoticeReading

__all__ = ["Kind", "MailState", "Notice", "NoticeMail", "NoticePreference", "NoticeReading"]
