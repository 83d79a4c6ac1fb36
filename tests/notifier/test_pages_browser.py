"""The subscriptions' pages in a real browser: what an agency does with them, on a wide screen and on a phone."""
