"""Pages, read back: `tree` and `tongue` read them, `known` says what a result allows, the rest where it may stand."""
