"""The ways out to people: e-mail over SMTP; SMS, app and calls through a gateway."""
