"""Small loopback servers that answer as the platforms do, faults included: for tests, benches and the demo."""
