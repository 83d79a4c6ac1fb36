"""What the pages of all services share: sign-in, language, rendering, frame and style, problems as pages."""
