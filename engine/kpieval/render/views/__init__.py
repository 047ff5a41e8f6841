"""A result becomes views: frozen data in finished words, of which every document is written."""
