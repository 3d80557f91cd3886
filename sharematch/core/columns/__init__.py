"""An instance as arrays: encoding, lookups, filters, exact integers."""
