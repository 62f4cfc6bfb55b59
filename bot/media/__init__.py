"""Our own copies of what people sent: fetched at once, because some platforms' addresses die within days."""
