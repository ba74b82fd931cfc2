/// A server that holds its connections and gives no replies.
package struct LoadStall: Error, CustomStringConvertible, Sendable {
    package var seconds: UInt64
    package var inFlightCount: Int

    package var description: String { "no reply for \(seconds) seconds with \(inFlightCount) requests in flight" }
}
