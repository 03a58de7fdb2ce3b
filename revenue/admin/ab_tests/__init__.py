"""The pages of A/B tests and their variants: the list, the forms, the result of a test, and its verbs."""

from revenue.admin.ab_tests.ab_test_page import ABTestAdmin
from revenue.admin.ab_tests.variant_page import ABTestVariantAdmin

__all__ = ["ABTestAdmin", "ABTestVariantAdmin"]
