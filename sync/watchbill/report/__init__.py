"""Results as text, Markdown and JSON.  Reads results, decides nothing."""
