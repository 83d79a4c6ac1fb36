"""The unit desk: pages on which a duty person sees the unit's queue, opens a case and acts."""
