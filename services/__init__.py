"""The four services; they meet only in contracts and delivery."""
