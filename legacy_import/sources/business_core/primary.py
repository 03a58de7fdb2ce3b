"""Source `primary`, linkedin_business_development.db: fills posts, consultation_inquiries, business_pipeline.

The LinkedIn file with the 555,000 pipeline. It has the highest precedence: it owns whatever other sources repeat. The
columns are in linkedin_tables.
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
    name="primary",
    path="linkedin_business_development.db",
    database=BUSINESS_CORE,
    phases=("core",),
    rank=1,
    tables=(
        Table(
            name="linkedin_posts",
            model="business_core.Post",
            key="post_id",
            identity=("post_id",),
            columns=POST_COLUMNS,
            kept=POST_COLUMNS_KEPT,
            constants={"platform": "linkedin", "data_source": "linkedin_primary"},
        ),
        Table(
            name="consultation_inquiries",
            model="business_core.ConsultationInquiry",
            key="inquiry_id",
            identity=("inquiry_id",),
            columns=INQUIRY_COLUMNS,
            constants={"data_source": "linkedin_primary"},
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
