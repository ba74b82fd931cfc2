/// What a request asks for, or, negative, what only a server may ask for.
///
/// Any number is a value: an unknown one is answered, never trapped on. Source: `ZooDefs.OpCode`.
package struct OpCode: RawRepresentable, Hashable, Sendable {
    package var rawValue: Int32

    @inlinable
    package init(rawValue: Int32) { self.rawValue = rawValue }

    @inlinable package static var notification: OpCode { OpCode(rawValue: 0) }
    @inlinable package static var create: OpCode { OpCode(rawValue: 1) }
    @inlinable package static var delete: OpCode { OpCode(rawValue: 2) }
    @inlinable package static var exists: OpCode { OpCode(rawValue: 3) }
    @inlinable package static var getData: OpCode { OpCode(rawValue: 4) }
    @inlinable package static var setData: OpCode { OpCode(rawValue: 5) }
    @inlinable package static var getACL: OpCode { OpCode(rawValue: 6) }
    @inlinable package static var setACL: OpCode { OpCode(rawValue: 7) }
    @inlinable package static var getChildren: OpCode { OpCode(rawValue: 8) }
    @inlinable package static var sync: OpCode { OpCode(rawValue: 9) }
    @inlinable package static var ping: OpCode { OpCode(rawValue: 11) }
    @inlinable package static var getChildren2: OpCode { OpCode(rawValue: 12) }
    /// Only inside a multi; a client that sends it alone is refused.
    @inlinable package static var check: OpCode { OpCode(rawValue: 13) }
    @inlinable package static var multi: OpCode { OpCode(rawValue: 14) }
    @inlinable package static var create2: OpCode { OpCode(rawValue: 15) }
    @inlinable package static var reconfig: OpCode { OpCode(rawValue: 16) }
    @inlinable package static var checkWatches: OpCode { OpCode(rawValue: 17) }
    @inlinable package static var removeWatches: OpCode { OpCode(rawValue: 18) }
    @inlinable package static var createContainer: OpCode { OpCode(rawValue: 19) }
    /// Between servers only; a client that sends it is refused.
    @inlinable package static var deleteContainer: OpCode { OpCode(rawValue: 20) }
    @inlinable package static var createTTL: OpCode { OpCode(rawValue: 21) }
    @inlinable package static var multiRead: OpCode { OpCode(rawValue: 22) }
    @inlinable package static var auth: OpCode { OpCode(rawValue: 100) }
    @inlinable package static var setWatches: OpCode { OpCode(rawValue: 101) }
    @inlinable package static var sasl: OpCode { OpCode(rawValue: 102) }
    @inlinable package static var getEphemerals: OpCode { OpCode(rawValue: 103) }
    @inlinable package static var getAllChildrenNumber: OpCode { OpCode(rawValue: 104) }
    @inlinable package static var setWatches2: OpCode { OpCode(rawValue: 105) }
    @inlinable package static var addWatch: OpCode { OpCode(rawValue: 106) }
    @inlinable package static var whoAmI: OpCode { OpCode(rawValue: 107) }
    /// Between servers only; a client that sends it is refused.
    @inlinable package static var createSession: OpCode { OpCode(rawValue: -10) }
    @inlinable package static var closeSession: OpCode { OpCode(rawValue: -11) }
    /// A record of the transaction log and of a failed multi's results; a client that sends it is refused.
    @inlinable package static var error: OpCode { OpCode(rawValue: -1) }
}
