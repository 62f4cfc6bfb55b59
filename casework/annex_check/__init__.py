"""Does the annex of a conclusion notice answer every line of the agenda? Reading, matching, findings: all pure."""
