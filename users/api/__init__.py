"""The REST interface of accounts, one file a subject."""
