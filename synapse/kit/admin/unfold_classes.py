"""The theme's admin classes, subscriptable with their models for the type checker; nothing else."""

from typing import TYPE_CHECKING, Any

from unfold import admin as unfold_admin

if TYPE_CHECKING:
    from django.contrib import admin

    ThemedModelAdmin = admin.ModelAdmin
    ThemedTabularInline = admin.TabularInline
else:

    class ThemedModelAdmin(unfold_admin.ModelAdmin):
        """The theme's class, which can't be subscribed with its model when the program runs."""

        def __class_getitem__(cls, _: Any) -> type:
            return cls

    class ThemedTabularInline(unfold_admin.TabularInline):
        """The theme's class, which can't be subscribed with its models when the program runs."""

        def __class_getitem__(cls, _: Any) -> type:
            return cls


__all__ = ["ThemedModelAdmin", "ThemedTabularInline"]
