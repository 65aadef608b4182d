"""The account -> YAML: a whole account becomes a policy tree that changes nothing when it is planned."""
