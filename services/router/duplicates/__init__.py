"""Which reports are one matter: asked again, reported by another, or come back after it was closed."""
