"""The citizen's talk as a pure step function: state and message in, state and effects out."""
