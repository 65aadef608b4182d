"""A plan, carried out: in order, checked before and after each write, journalled, one apply at a time."""
