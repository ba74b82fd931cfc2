/// What an entry of an access list allows. Source: `ZooDefs.Perms`.
package struct Permissions: OptionSet, Hashable, Sendable {
    package var rawValue: Int32

    @inlinable
    package init(rawValue: Int32) { self.rawValue = rawValue }

    @inlinable package static var read: Permissions { Permissions(rawValue: 1) }
    @inlinable package static var write: Permissions { Permissions(rawValue: 2) }
    @inlinable package static var create: Permissions { Permissions(rawValue: 4) }
    @inlinable package static var delete: Permissions { Permissions(rawValue: 8) }
    @inlinable package static var admin: Permissions { Permissions(rawValue: 16) }
    @inlinable package static var all: Permissions { Permissions(rawValue: 31) }
}
