"""Work after acceptance. Jobs may run twice and die half-way: everything here is idempotent."""
