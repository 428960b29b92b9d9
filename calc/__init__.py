"""Every number that we publish, as pure functions that know no framework."""
