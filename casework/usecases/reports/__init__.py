"""Reports: load the facts, compute, freeze what was sent; the sealed list of officials."""
