/// How a verification gives way to other work, and tells how far it is.
package struct VerifyPace: Sendable {
    /// Whether the file's pages are walked too, before the rows: finds what LMDB itself could stumble over.
    package var includesPages = true
    /// Findings after which it ends.
    package var findingCountMax = 100
    /// Called now and then; may wait, so as to keep to a rate. False gives up.
    package var afterStep: (@Sendable (VerifyProgress) -> Bool)?

    package init() {}
}

/// How far a verification is.
package struct VerifyProgress: Equatable, Sendable {
    package var pageCount = 0
    package var rowCount: UInt64 = 0
    /// Rows of znodes that there should be.
    package var rowCountTotal: UInt64 = 0
    /// Bytes of rows and large data since the last call.
    package var byteCount = 0

    package init() {}
}
