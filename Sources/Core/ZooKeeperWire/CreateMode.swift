/// The flags of a create request. Source: `CreateMode`.
package enum CreateMode: Int32, Sendable, CaseIterable {
    case persistent = 0
    case ephemeral = 1
    case persistentSequential = 2
    case ephemeralSequential = 3
    case container = 4
    case persistentWithTTL = 5
    case persistentSequentialWithTTL = 6

    @inlinable
    package var isEphemeral: Bool { self == .ephemeral || self == .ephemeralSequential }

    @inlinable
    package var isSequential: Bool {
        self == .persistentSequential || self == .ephemeralSequential || self == .persistentSequentialWithTTL
    }

    @inlinable
    package var isContainer: Bool { self == .container }

    @inlinable
    package var hasTTL: Bool { self == .persistentWithTTL || self == .persistentSequentialWithTTL }
}
