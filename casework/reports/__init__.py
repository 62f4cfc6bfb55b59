"""Reports: figures from plain values, each with its definition and the opinions behind it; no session, no clock."""
