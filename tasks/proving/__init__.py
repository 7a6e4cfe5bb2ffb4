"""What a release teaches: arms of rows, a student that learns each, its answers, and what the difference is worth."""
