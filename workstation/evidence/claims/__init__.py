"""Claims desks: what each one wants and accepts, the binder of a case, and the pack in a desk's own form."""
