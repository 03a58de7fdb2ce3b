"""Notices, who has read them, their mails, and who wants none."""

from synapse.kit.notices.models.notice import Kind, Notice
from synapse.kit.notices.models.notice_mail import MailState, NoticeMail
from synapse.kit.notices.models.notice_preference import NoticePreference
from synapse.kit.notices.models.notice_reading import NoticeReading

__all__ = ["Kind", "MailState", "Notice", "NoticeMail", "NoticePreference", "NoticeReading"]
