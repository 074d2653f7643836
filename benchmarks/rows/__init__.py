"""What is measured beyond whole runs: one function per row, plain numbers out, run in a process of its own."""
