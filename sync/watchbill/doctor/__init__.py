"""What an account and a token can and cannot do; and, asked to, how the account reads what its documents leave open."""
