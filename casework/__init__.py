"""The domain: rules as pure functions, law as data, and the use cases that apply them."""
