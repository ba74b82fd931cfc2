import Glibc

/// Why a measurement could not be made, or must not be believed. The message says what to do next.
package struct BenchmarkError: Error, CustomStringConvertible, Sendable {
    package var description: String

    package init(_ description: String) { self.description = description }

    /// A system call that failed, with its error in words.
    package static func system(_ call: String, _ subject: String, code: Int32 = errno) -> BenchmarkError {
        BenchmarkError("\(call) \(subject): \(String(cString: strerror(code))) (errno \(code))")
    }
}
