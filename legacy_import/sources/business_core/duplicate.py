"""Source `duplicate`, business_development/linkedin_business_development.db: fills what `primary` fills.

These are posts, consultation_inquiries and business_pipeline. The file is a copy of the primary that diverged; the
primary's rows take precedence. The columns are in linkedin_tables.
"""

from legacy_import.mapping import Source, Table
from legacy_import.sources.business_core.linkedin_tables import (
    INQUIRY_COLUMNS,
    PIPELINE_COLUMNS,
    POST_COLUMNS,
    POST_COLUMNS_KEPT,
)
from synapse.foundation.databases import BUSINESS_CORE

SOURCE = Source(
    name="duplicate",
    path="business_development/linkedin_business_development.db",
    database=BUSINESS_CORE,
    phases=("core",),
    rank=2,
    tables=(
        Table(
            name="linkedin_posts",
            model="business_core.Post",
            key="post_id",
            identity=("post_id",),
            columns=POST_COLUMNS,
            kept=POST_COLUMNS_KEPT,
            constants={"platform": "linkedin", "data_source": "linkedin_duplicate"},
        ),
        Table(
            name="consultation_inquiries",
            model="business_core.ConsultationInquiry",
            key="inquiry_id",
            identity=("inquiry_id",),
            columns=INQUIRY_COLUMNS,
            constants={"data_source": "linkedin_duplicate"},
        ),
        Table(
            name="business_pipeline",
            model="business_core.BusinessPipeline",
            key="pipeline_id",
            identity=("month",),
            columns=PIPELINE_COLUMNS,
        ),
    ),
)
