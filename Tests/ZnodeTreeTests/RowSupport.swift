import Checksums
import CoreTypes
import Glibc
import Testing
import ZooKeeperWire

@testable import ZnodeTree

/// A znode with everything that its row holds.
struct WholeZnode: Equatable {
    var node: Znode
    var name: [UInt8]
    var accessList: [UInt8] = []
    /// Nil for null.
    var data: [UInt8]?
    var parent = NodeID.root

    var key: [UInt8] {
        bytes {
            let keyName = bytes { ZnodeKey.appendKeyName(of: name.span.bytes, to: $0) }
            ZnodeKey.append(parent: parent, keyName: keyName.span.bytes, to: $0)
        }
    }

    var isLarge: Bool { ZnodeRow.isLarge(dataByteCount: data?.count ?? -1) }

    var dataHash: UInt64 {
        let whole = data ?? []
        return hash64(whole.span.bytes)
    }

    /// Its row.
    var value: [UInt8] {
        let longName = ZnodeKey.isHashed(nameByteCount: name.count) ? name : []
        let inlineData = isLarge ? [] : data ?? []
        var scratch = RowScratch(capacity: 64)
        ZnodeRow.encode(
            key: key.span.bytes, node: node, longName: longName.span.bytes, accessList: accessList.span.bytes,
            data: inlineData.span.bytes, dataHash: isLarge ? dataHash : 0, into: &scratch)
        return [UInt8](copying: scratch.bytes)
    }

    /// A znode of which every field may be anything.
    static func random(using random: inout SplitMix64) -> WholeZnode {
        func number(_ random: inout SplitMix64) -> UInt64 { random.next() >> UInt64.random(in: 0...63, using: &random) }
        func same(_ random: inout SplitMix64) -> Bool { Bool.random(using: &random) }
        let data: [UInt8]? =
            switch Int.random(in: 0..<5, using: &random) {
            case 0: nil
            case 1: []
            case 2: .random(count: 1_024 + Int.random(in: 0...4, using: &random) - 2, using: &random)
            case 3: .random(count: Int.random(in: 0...5_000, using: &random), using: &random)
            default: .random(count: Int.random(in: 1...200, using: &random), using: &random)
            }
        var node = Znode(
            id: NodeID(rawValue: number(&random)), zxid: Zxid(rawValue: number(&random)),
            time: WallClockTime(rawValue: Int64(bitPattern: number(&random))),
            owner: ZnodeOwner(rawValue: same(&random) ? 0 : random.next()), dataByteCount: Int32(data?.count ?? -1))
        if same(&random) { node.mzxid = Zxid(rawValue: number(&random)) }
        if same(&random) { node.mtime = WallClockTime(rawValue: Int64(bitPattern: random.next())) }
        if same(&random) { node.pzxid = Zxid(rawValue: number(&random)) }
        if same(&random) { node.childNamesDigest = random.next() }
        if same(&random) { node.childCount = UInt32(truncatingIfNeeded: number(&random)) }
        if same(&random) { node.createCount = Int32(truncatingIfNeeded: number(&random)) }
        if same(&random) { node.version = Int32(truncatingIfNeeded: number(&random)) }
        if same(&random) { node.aversion = Int32(truncatingIfNeeded: number(&random)) }
        let nameByteCount =
            same(&random) ? Int.random(in: 1...40, using: &random) : Int.random(in: 480...700, using: &random)
        return WholeZnode(
            node: node, name: .random(count: nameByteCount, using: &random),
            accessList: same(&random) ? [] : .random(count: Int.random(in: 1...300, using: &random), using: &random),
            data: data, parent: NodeID(rawValue: number(&random)))
    }
}

extension [UInt8] {
    static func random(count: Int, using random: inout SplitMix64) -> [UInt8] {
        (0..<count).map { _ in UInt8.random(in: 1...255, using: &random) }.map { $0 == UInt8(ascii: "/") ? 1 : $0 }
    }

    var hexadecimal: String { map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined() }
}

/// What a builder holds, as an array.
func bytes(_ body: (ByteBuilder) -> Void) -> [UInt8] {
    let builder = ByteBuilder()
    body(builder)
    return [UInt8](copying: builder.bytes)
}

/// Lines `name: hexadecimal` of a file in the folder Golden beside this file.
func goldenRecords(_ file: String, from source: String = #filePath) throws -> [String: String] {
    let folder = source.split(separator: "/", omittingEmptySubsequences: false).dropLast().joined(separator: "/")
    let path = folder + "/Golden/" + file
    let stream = try #require(fopen(path, "r"), "cannot open \(path)")
    defer { fclose(stream) }
    var contents: [UInt8] = []
    var block = [UInt8](repeating: 0, count: 4_096)
    while case let count = fread(&block, 1, block.count, stream), count > 0 { contents += block[..<count] }
    var records: [String: String] = [:]
    for line in String(decoding: contents, as: UTF8.self).split(separator: "\n") where line.first != "#" {
        let parts = line.split(separator: ":", maxSplits: 1)
        records[String(parts[0])] = String(parts[1].filter { $0 != " " })
    }
    return records
}

// Spans cannot be captured by the macros of Swift Testing: what is compared is asked for with arrays.

func verifies(key: [UInt8], value: [UInt8]) -> Bool {
    ZnodeRow.verify(key: key.span.bytes, value: value.span.bytes)
}

func decodedPayload(key: [UInt8], value: [UInt8]) -> [UInt8]? {
    guard let payload = SystemRow.payload(key: key.span.bytes, value: value.span.bytes) else { return nil }
    return [UInt8](copying: payload)
}

func parentOfKey(_ key: [UInt8]) -> NodeID? { ZnodeKey.parent(of: key.span.bytes) }

func isHashedForm(_ keyName: [UInt8]) -> Bool { ZnodeKey.isHashedForm(keyName.span.bytes) }
