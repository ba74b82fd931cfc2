import CoreTypes

/// `0x` and the digits, as ZooKeeper prints session numbers and zxids.
func hexadecimal(_ value: UInt64) -> String { "0x" + String(value, radix: 16) }

/// `0x` and the digits.
func hexadecimal(_ session: SessionID) -> String { hexadecimal(session.rawValue) }
