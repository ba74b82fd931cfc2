import NIOCore

extension SocketAddress {
    /// The 4 or 16 bytes of an internet address, empty for any other kind. An IPv4 address in IPv6's clothes, as a
    /// socket for both families reports it, is told by its 4 bytes.
    var addressBytes: [UInt8] {
        // In every sockaddr of either family the address lies at these offsets.
        let range: Range<Int>
        switch self {
        case .v4: range = 4..<8
        case .v6: range = 8..<24
        case .unixDomainSocket: return []
        }
        let bytes = withSockAddr { address, byteCount in
            Array(UnsafeRawBufferPointer(start: UnsafeRawPointer(address), count: byteCount)[range])
        }
        let mapped: [UInt8] = [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF]
        return bytes.count == 16 && bytes.starts(with: mapped) ? Array(bytes[12...]) : bytes
    }

    /// `address:port`, as ZooKeeper prints it.
    var endpoint: String { "\(ipAddress ?? "local"):\(port ?? 0)" }
}
