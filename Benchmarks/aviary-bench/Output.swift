import Glibc

/// Makes sure that what was printed is seen now, also through a pipe.
func flushOutput() { fflush(nil) }
