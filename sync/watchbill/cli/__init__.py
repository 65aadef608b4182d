"""The command line: one module per verb; options become typed values before any logic sees them."""
