"""What an account holds, in normal form, and what the policy wants it to hold.  Pure."""
