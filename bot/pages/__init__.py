"""The pages residents read in a browser: one written answer behind a secret address, and the look-up by code.

Made for small old phones: plain HTML, one style sheet, no script, no cookie, nothing from elsewhere.
"""
