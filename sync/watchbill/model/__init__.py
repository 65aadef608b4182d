"""What people mean: the policy, one module per kind.  Frozen and strict; nothing here reads a file or a clock."""
