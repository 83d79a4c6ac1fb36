"""How facts get there, once in effect: it knows what contracts say of cases and units, but no service and no rule."""
