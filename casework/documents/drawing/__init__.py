"""The shipped Word templates, drawn by program: one module per family of documents.

A module has `TEMPLATES`: the file name of each template and the function that draws it. `build_templates` collects
them all.
"""
