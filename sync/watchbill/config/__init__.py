"""Policy files to plain data and back: reading with positions, references, suggestions, comment-keeping edits."""
