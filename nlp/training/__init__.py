"""Making the model: corpus, noise, fitting, measuring. Never imported to serve."""
