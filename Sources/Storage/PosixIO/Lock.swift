internal import CPosix

/// A lock for sections of nanoseconds, usable where a closure cannot capture what is to be guarded (spans).
///
/// Uncontended, taking and giving back cost one atomic instruction each; a waiter looks a few times and then sleeps.
/// Not recursive, not fair. Prefer `Synchronization.Mutex` where a closure will do.
@safe package final class Lock: @unchecked Sendable {
    // Safe to share: the word is only touched with atomic instructions.
    @usableFromInline let word: UnsafeMutablePointer<UInt32>

    package init() {
        unsafe word = CacheLine.allocateWord()
    }

    deinit { unsafe word.deallocate() }

    @inlinable
    package func lock() { unsafe aviary_lock(word) }

    /// Takes the lock if it is free, and says whether it did.
    @inlinable
    package func tryLock() -> Bool { unsafe aviary_try_lock(word) != 0 }

    @inlinable
    package func unlock() { unsafe aviary_unlock(word) }
}
