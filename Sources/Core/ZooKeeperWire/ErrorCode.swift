/// The error of a reply. Any number is a value. Source: `KeeperException.Code`.
package struct ErrorCode: RawRepresentable, Hashable, Sendable {
    package var rawValue: Int32

    @inlinable
    package init(rawValue: Int32) { self.rawValue = rawValue }

    @inlinable package static var ok: ErrorCode { ErrorCode(rawValue: 0) }
    @inlinable package static var systemError: ErrorCode { ErrorCode(rawValue: -1) }
    /// Also the result of the operations that follow the failed one of a multi.
    @inlinable package static var runtimeInconsistency: ErrorCode { ErrorCode(rawValue: -2) }
    @inlinable package static var dataInconsistency: ErrorCode { ErrorCode(rawValue: -3) }
    @inlinable package static var connectionLoss: ErrorCode { ErrorCode(rawValue: -4) }
    @inlinable package static var marshallingError: ErrorCode { ErrorCode(rawValue: -5) }
    @inlinable package static var unimplemented: ErrorCode { ErrorCode(rawValue: -6) }
    @inlinable package static var operationTimeout: ErrorCode { ErrorCode(rawValue: -7) }
    @inlinable package static var badArguments: ErrorCode { ErrorCode(rawValue: -8) }
    @inlinable package static var unknownSession: ErrorCode { ErrorCode(rawValue: -12) }
    @inlinable package static var newConfigNoQuorum: ErrorCode { ErrorCode(rawValue: -13) }
    @inlinable package static var reconfigInProgress: ErrorCode { ErrorCode(rawValue: -14) }
    @inlinable package static var apiError: ErrorCode { ErrorCode(rawValue: -100) }
    @inlinable package static var noNode: ErrorCode { ErrorCode(rawValue: -101) }
    @inlinable package static var noAuth: ErrorCode { ErrorCode(rawValue: -102) }
    @inlinable package static var badVersion: ErrorCode { ErrorCode(rawValue: -103) }
    @inlinable package static var noChildrenForEphemerals: ErrorCode { ErrorCode(rawValue: -108) }
    @inlinable package static var nodeExists: ErrorCode { ErrorCode(rawValue: -110) }
    @inlinable package static var notEmpty: ErrorCode { ErrorCode(rawValue: -111) }
    @inlinable package static var sessionExpired: ErrorCode { ErrorCode(rawValue: -112) }
    @inlinable package static var invalidCallback: ErrorCode { ErrorCode(rawValue: -113) }
    @inlinable package static var invalidACL: ErrorCode { ErrorCode(rawValue: -114) }
    @inlinable package static var authFailed: ErrorCode { ErrorCode(rawValue: -115) }
    @inlinable package static var sessionMoved: ErrorCode { ErrorCode(rawValue: -118) }
    @inlinable package static var notReadOnly: ErrorCode { ErrorCode(rawValue: -119) }
    @inlinable package static var ephemeralOnLocalSession: ErrorCode { ErrorCode(rawValue: -120) }
    @inlinable package static var noWatcher: ErrorCode { ErrorCode(rawValue: -121) }
    @inlinable package static var requestTimeout: ErrorCode { ErrorCode(rawValue: -122) }
    @inlinable package static var reconfigDisabled: ErrorCode { ErrorCode(rawValue: -123) }
    @inlinable package static var sessionClosedRequireSASLAuth: ErrorCode { ErrorCode(rawValue: -124) }
    @inlinable package static var quotaExceeded: ErrorCode { ErrorCode(rawValue: -125) }
    /// The server is over its limits; the request was not executed.
    @inlinable package static var throttledOperation: ErrorCode { ErrorCode(rawValue: -127) }
}
