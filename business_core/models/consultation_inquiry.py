"""Consultation inquiries: who asked for what, and how far it went."""

import uuid

from django.contrib.postgres.functions import RandomUUID
from django.db import models
from django.db.models import F, Q

from business_core.inquiry_choices import InquiryStatus, InquiryType
from business_core.models.post import Post
from business_core.models.stamped import Stamped
from business_core.querysets.inquiries import InquiryQuerySet
from synapse.foundation.schema import CurrentTimestamp, PostgresIndex


class ConsultationInquiry(Stamped):
    """One person's inquiry; it outlives the post it came from."""

    inquiry_id = models.UUIDField(primary_key=True, default=uuid.uuid4, db_default=RandomUUID(), editable=False)
    external_inquiry_id = models.TextField()
    # The constraint, with ON DELETE SET NULL, is in sql/0001_foreign_keys.sql: Django can't make one.
    source_post = models.ForeignKey(
        Post,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        db_constraint=False,
        db_index=False,
        related_name="inquiries",
    )

    contact_name = models.TextField()
    company = models.TextField(null=True, blank=True)
    company_size = models.TextField(null=True, blank=True)
    industry = models.TextField(null=True, blank=True)

    inquiry_type = models.TextField()
    inquiry_channel = models.TextField()
    inquiry_text = models.TextField(null=True, blank=True)
    inquiry_details = models.TextField(null=True, blank=True)

    estimated_value = models.DecimalField(null=True, blank=True, max_digits=10, decimal_places=2)
    priority_score = models.IntegerField(null=True, blank=True)
    qualification_score = models.IntegerField(null=True, blank=True)

    status = models.TextField(null=True, blank=True, db_default=InquiryStatus.NEW.value)
    last_contact = models.DateTimeField(null=True, blank=True)
    notes = models.TextField(null=True, blank=True)

    data_source = models.TextField()
    created_at = models.DateTimeField(null=True, blank=True, db_default=CurrentTimestamp())
    updated_at = models.DateTimeField(null=True, blank=True, db_default=CurrentTimestamp())

    # Ours, not the specification's: what is to be done next, by when.
    next_action = models.TextField(null=True, blank=True)
    next_action_due_date = models.DateField("due", null=True, blank=True)

    objects = InquiryQuerySet.as_manager()

    class Meta:
        db_table = "consultation_inquiries"
        verbose_name = "inquiry"
        verbose_name_plural = "inquiries"
        constraints = [
            models.UniqueConstraint(
                fields=["external_inquiry_id"], name="consultation_inquiries_external_inquiry_id_key"
            ),
        ]
        indexes = [
            PostgresIndex(fields=["status", "-created_at"], name="idx_inquiries_status_created"),
            PostgresIndex(fields=["source_post"], name="idx_inquiries_source_post"),
            PostgresIndex(F("estimated_value").desc(nulls_last=True), name="idx_inquiries_estimated_value_desc"),
            PostgresIndex(
                fields=["next_action_due_date"],
                name="idx_inquiries_due",
                condition=Q(next_action_due_date__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        """Return who asked for what."""
        kinds: dict[str, str] = dict(InquiryType.choices)
        return f"{self.contact_name}: {kinds.get(self.inquiry_type, self.inquiry_type)}"
