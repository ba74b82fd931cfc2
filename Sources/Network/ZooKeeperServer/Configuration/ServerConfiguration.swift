import CoreTypes

/// How clients are served.
package struct ServerConfiguration: Sendable, Equatable {
    /// The address to listen on. The default reaches this machine only: whoever opens it to a network does so knowingly.
    package var clientAddress = "127.0.0.1"
    /// 0 takes a free one.
    package var clientPort = 2181
    /// Connections that may wait to be accepted.
    package var listenBacklog = 1_024
    /// The unit from which the bounds of session timeouts follow.
    package var tickTimeMilliseconds = 3_000
    /// Nil: two ticks.
    package var sessionTimeoutMillisecondsMin: Int?
    /// Nil: twenty ticks.
    package var sessionTimeoutMillisecondsMax: Int?
    /// Connections of one client address; 0 does not limit them.
    package var connectionsPerAddressMax = Limits.connectionsPerAddressDefault
    /// Connections of all clients.
    package var connectionCountMax = Limits.connectionCountMax
    /// Bytes of one request.
    package var frameByteCountMax = Limits.frameByteCountDefault
    /// Requests of all connections together that may be outstanding before a connection that has some is no longer
    /// read from; nil leaves it to each connection's own limit and to the engine.
    package var outstandingRequestCountMax: Int?
    /// Requests of one connection that may be outstanding before it is no longer read from.
    package var outstandingRequestsPerConnectionMax = Limits.outstandingRequestsPerConnectionMax
    /// Bytes of replies that a client may leave unread before it is cut off.
    package var unreadReplyByteCountMax = Limits.unreadReplyByteCountMax
    /// Watches that one connection may hold.
    package var watchesPerConnectionMax = Limits.watchesPerConnectionMax
    /// How long a connection may exist without a session.
    package var connectTimeoutMilliseconds = 10_000
    /// Which four-letter words are answered.
    package var fourLetterWords = FourLetterWordSet.standard
    /// `user:base64(sha1("user:password"))` of who may do everything; nil: nobody.
    package var superDigest: String?
    /// Shown by `conf` and `envi`.
    package var dataDirectory = ""
    /// Shown by `conf`.
    package var logDirectory = ""

    /// What `envi` shows beside the version: the machine and the process, as the program that starts the server knows
    /// them.
    package var environment: [EnvironmentEntry] = []

    /// One line of `envi`.
    package struct EnvironmentEntry: Sendable, Equatable {
        package var key: String
        package var value: String

        package init(_ key: String, _ value: String) {
            self.key = key
            self.value = value
        }
    }

    /// What `frameByteCountMax` may be.
    package static let frameByteCountRange = 1_024...Limits.frameByteCountCeiling

    package init() {}

    /// What clients may ask for, and the server grants, as a session's timeout.
    package var sessionTimeoutMilliseconds: ClosedRange<Int> {
        let lowest = sessionTimeoutMillisecondsMin ?? 2 * tickTimeMilliseconds
        return lowest...max(lowest, sessionTimeoutMillisecondsMax ?? 20 * tickTimeMilliseconds)
    }
}
