"""What the black-box tests share: servers as processes, a client of raw bytes, workloads and their checkers."""
