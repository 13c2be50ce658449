"""Compiled execution: a valid operation becomes, once, straight-line Python.

graphql-core decides again for every value what it already decided for the value before: which
fields were selected, what their type is, how to serialise it. Here these decisions are taken when
an operation is compiled, and what is left is a function per selection set that reads an object and
fills a dict. The answers are graphql-core's to the letter; whatever is not covered it executes
itself. Read in this order:

- `fields`: what is known of a selected field before anything runs
- `source`: the Python that is written of it
- `inputs`: the Python that reads inputs, from JSON straight to the objects that resolvers take
- `variables`, `arguments`: where these objects come from, and where they go
- `execution`: one execution of a plan: values that are still awaited, errors, null propagation
- `plans`: which operations have a plan, and how many there may be
"""
