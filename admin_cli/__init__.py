"""The command line `doithoai`: one noun per file; people get tables, pipes get JSON or CSV."""
