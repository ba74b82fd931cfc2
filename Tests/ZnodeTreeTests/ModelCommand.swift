import CoreTypes
import Jute
import ZooKeeperWire

/// A write of a client, as the model takes it and as it is encoded for the tree.
indirect enum ModelCommand {
    struct Create {
        var operation: OpCode
        var path: String
        var data: [UInt8]?
        var access: [AccessEntry] = AccessList.worldAnyoneAll.entries
        var flags: Int32 = 0
        var ttl: Int64 = 0
    }

    case create(Create)
    case delete(String, Int32)
    case setData(String, [UInt8]?, Int32)
    case setACL(String, [AccessEntry], Int32)
    case check(String, Int32)
    case multi([ModelCommand])

    var operation: OpCode {
        switch self {
        case .create(let create): create.operation
        case .delete: .delete
        case .setData: .setData
        case .setACL: .setACL
        case .check: .check
        case .multi: .multi
        }
    }

    /// In the result of a multi.
    var resultOperation: OpCode {
        operation == .createTTL || operation == .createContainer ? .create2 : operation
    }

    func encode(into builder: ByteBuilder) {
        switch self {
        case .create(let create):
            builder.append(juteString: create.path)
            builder.append(juteBytes: create.data)
            AccessList(create.access).encode(into: builder)
            builder.append(bigEndian: create.flags)
            if create.operation == .createTTL { builder.append(bigEndian: create.ttl) }
        case .delete(let path, let version), .check(let path, let version):
            builder.append(deleteRequest: path, version: version)
        case .setData(let path, let data, let version):
            builder.append(setDataRequest: path, data: data, version: version)
        case .setACL(let path, let access, let version):
            builder.append(setACLRequest: path, accessList: AccessList(access), version: version)
        case .multi(let commands):
            for command in commands {
                MultiHeader(operation: command.operation, error: ErrorCode(rawValue: -1)).encode(into: builder)
                command.encode(into: builder)
            }
            MultiHeader.end.encode(into: builder)
        }
    }

    // MARK: Drawing one

    /// Few names, so that commands meet; now and then a path that is none.
    static func path(using random: inout SplitMix64) -> String {
        if Int.random(in: 0..<25, using: &random) == 0 {
            let odd = [
                "", "/", "//a", "a", "/a/", "/a//b", "/.", "/a/..", "/a\0", "/a\u{1}", "/zookeeper",
                "/zookeeper/config",
            ]
            return odd[Int.random(in: 0..<odd.count, using: &random)]
        }
        let long = "/" + String(repeating: "n", count: 600)
        let names = ["/a", "/b", "/c", "/d-0000000000", long, long + "2"]
        return (0..<Int.random(in: 1...3, using: &random)).map { _ in
            names[Int.random(in: 0..<(Int.random(in: 0..<6, using: &random) == 0 ? 6 : 3), using: &random)]
        }.joined()
    }

    static func version(using random: inout SplitMix64) -> Int32 {
        [-1, -1, -1, 0, 0, 1, 2, -5][Int.random(in: 0..<8, using: &random)]
    }

    static func data(using random: inout SplitMix64) -> [UInt8]? {
        switch Int.random(in: 0..<8, using: &random) {
        case 0: nil
        case 1: []
        case 2: .random(count: Int.random(in: 1_000...3_000, using: &random), using: &random)
        default: .random(count: Int.random(in: 1...40, using: &random), using: &random)
        }
    }

    static func access(using random: inout SplitMix64) -> [AccessEntry] {
        let open = AccessList.worldAnyoneAll.entries
        switch Int.random(in: 0..<12, using: &random) {
        case 0: return []
        case 1: return [AccessEntry(permissions: .all, scheme: "auth", id: "")] + open
        case 2: return [AccessEntry(permissions: [.read, .create], scheme: "world", id: "anyone"), open[0], open[0]]
        case 3: return [AccessEntry(permissions: .all, scheme: "world", id: "x")]
        case 4: return [AccessEntry(permissions: .all, scheme: "digest", id: "bob:h")]
        case 5:
            return [
                AccessEntry(permissions: .read, scheme: "world", id: "anyone"),
                AccessEntry(permissions: .all, scheme: "digest", id: "bob:h"),
            ]
        default: return open
        }
    }

    static func random(using random: inout SplitMix64, isInMulti: Bool = false) -> ModelCommand {
        let path = path(using: &random)
        switch Int.random(in: 0..<(isInMulti ? 12 : 14), using: &random) {
        case 0..<5:
            let operations: [OpCode] = [.create, .create2, .createContainer, .createTTL]
            let operation = operations[Int.random(in: 0..<4, using: &random)]
            let ttls: [Int64] = [0, -1, 5, 40, 1 << 40]
            var flags = Int32.random(in: -1...7, using: &random)
            if operation == .createTTL, Bool.random(using: &random) { flags = Int32.random(in: 5...6, using: &random) }
            return .create(
                Create(
                    operation: operation, path: path, data: data(using: &random), access: access(using: &random),
                    flags: Bool.random(using: &random) && operation != .createTTL ? 0 : flags,
                    ttl: ttls[Int.random(in: 0..<5, using: &random)]))
        case 5..<8: return .delete(path, version(using: &random))
        case 8..<11: return .setData(path, data(using: &random), version(using: &random))
        case 11:
            if isInMulti { return .check(path, version(using: &random)) }
            return .setACL(path, access(using: &random), version(using: &random))
        default:
            let count = Int.random(in: 0...5, using: &random)
            return .multi((0..<count).map { _ in ModelCommand.random(using: &random, isInMulti: true) })
        }
    }
}
