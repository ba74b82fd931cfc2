/// What an operator wants to know first of a server that has just started.
package struct StartSummary: Sendable {
    package var dataDirectory: String
    /// How the log makes writes durable.
    package var logMode: String
    /// True: writes are acknowledged before they are durable.
    package var isUnsafeNoSync: Bool
    /// Median time of a durable write of 4 KiB, as measured at the start; nil if it was not.
    package var syncMicroseconds: UInt64?
    package var znodeCount: Int
    package var replayedSlotCount: Int
    package var replayMicroseconds: UInt64
    /// From the first look at the directory to the readiness to serve.
    package var openMicroseconds: UInt64
    /// What was found at the start and should be read.
    package var notices: [String]
}
