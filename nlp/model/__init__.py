"""The trained model as served: plain arrays, no training package."""
