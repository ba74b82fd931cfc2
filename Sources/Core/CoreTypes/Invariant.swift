/// Stops the process in every build when an invariant is broken: to go on could damage what is on disk.
///
/// `precondition` would do the same in silence in an optimised build; this one says what broke.
///
/// - Complexity: O(1); conditions that cost more belong behind `assert`.
@inlinable
@inline(__always)
package func invariant(
    _ condition: Bool, _ message: @autoclosure () -> String, file: StaticString = #fileID, line: UInt = #line
) {
    if !condition { invariantBroken(message(), file, line) }
}

/// Says which invariant broke, then stops the process.
@usableFromInline
@inline(never)
package func invariantBroken(_ message: String, _ file: StaticString, _ line: UInt) -> Never {
    fatalError("invariant broken: \(message)", file: file, line: line)
}
