"""Rules about a policy that has the right shape: each with an id, an explanation, a bad and a good example."""
