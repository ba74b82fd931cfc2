internal import CPosix

/// Wakes one sleeping thread: a flag that is set, waited for and taken.
///
/// Setting it is an atomic instruction, and a system call only when the sleeper sleeps. Signals do not add up: the
/// sleeper looks at everything there is whenever it wakes. Whoever changes what the sleeper looks at changes it first
/// and signals then.
@safe package final class WakeSignal: @unchecked Sendable {
    // Safe to share: the word is only touched with atomic instructions and futex calls.
    @usableFromInline let word: UnsafeMutablePointer<UInt32>

    package init() {
        unsafe word = CacheLine.allocateWord()
    }

    deinit { unsafe word.deallocate() }

    /// Sets the signal; any thread.
    @inlinable
    package func signal() { unsafe aviary_wake_signal(word) }

    /// Sleeps until the signal is set and takes it; one thread at a time.
    package func wait() { _ = unsafe aviary_wake_wait(word, 0) }

    /// Sleeps until the signal is set and takes it, or until the time runs out; says whether it was set.
    package func wait(nanoseconds: UInt64) -> Bool { unsafe aviary_wake_wait(word, max(nanoseconds, 1)) == 1 }
}
