"""The subscriptions' pages: where an agency or an administrator sees and manages what is sent to whom."""
