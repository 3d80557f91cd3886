"""The resource archive as tables, before anything is decided."""
