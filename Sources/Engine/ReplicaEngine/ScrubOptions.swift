/// When and how fast everything on disk is read again to find damage.
package struct ScrubOptions: Sendable {
    /// From one to the next.
    package var intervalMilliseconds: UInt64 = 24 * 3_600_000
    /// From a start after an unclean end to the first one.
    package var delayMilliseconds: UInt64 = 30_000
    /// The rate: a tenth of what a slow disk reads.
    package var bytesPerSecond = 16 * 1_048_576

    package init() {}
}
