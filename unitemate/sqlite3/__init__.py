"""The database backend for SQLite: Django's, with a fair chance for every writer."""
