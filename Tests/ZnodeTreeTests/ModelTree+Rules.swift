import ZooKeeperWire

extension ModelTree {
    static func orRoot(_ path: String) -> String { path.isEmpty ? "/" : path }

    static func suffix(_ number: Int32) -> String {
        let digits = String(number.magnitude)
        let sign = number < 0 ? "-" : ""
        return sign + String(repeating: "0", count: max(0, 10 - sign.count - digits.count)) + digits
    }

    static func next(_ version: Int32) -> Int32 { version &+ 1 == -1 ? 0 : version &+ 1 }

    func existing(_ path: String) throws(Refusal) -> Node {
        guard let node = nodes[path] else { throw Refusal(code: .noNode) }
        return node
    }

    func compare(_ expected: Int32, _ version: Int32) throws(Refusal) {
        if expected != -1 && expected != version { throw Refusal(code: .badVersion) }
    }

    /// The rules that matter for ASCII.
    func validate(_ path: String) throws(Refusal) {
        if path == "/" { return }
        let parts = path.split(separator: "/", omittingEmptySubsequences: false)
        let isGood =
            path.hasPrefix("/")
            && parts.dropFirst().allSatisfy { !$0.isEmpty && $0 != "." && $0 != ".." && !$0.contains { $0 < " " } }
        if !isGood { throw Refusal(code: .badArguments) }
    }

    func allow(_ permission: Permissions, _ node: Node, _ identities: [AccessEntry]) throws(Refusal) {
        if node.access.isEmpty || identities.contains(where: { $0.scheme == Array("super".utf8) }) { return }
        for entry in node.access where !entry.permissions.isDisjoint(with: permission) {
            if entry.scheme == Array("world".utf8) { return }
            if identities.contains(where: { $0.scheme == entry.scheme && $0.id == entry.id }) { return }
        }
        throw Refusal(code: .noAuth)
    }

    func fixed(_ access: [AccessEntry], _ identities: [AccessEntry]) throws(Refusal) -> [AccessEntry] {
        var unique: [AccessEntry] = []
        for entry in access where !unique.contains(entry) { unique.append(entry) }
        var fixed: [AccessEntry] = []
        for entry in unique {
            switch String(decoding: entry.scheme, as: UTF8.self) {
            case "world" where entry.id == Array("anyone".utf8): fixed.append(entry)
            case "digest" where String(decoding: entry.id, as: UTF8.self).split(separator: ":").count == 2:
                fixed.append(entry)
            case "auth":
                let proven = identities.filter { $0.scheme == Array("digest".utf8) }
                if proven.isEmpty { throw Refusal(code: .invalidACL) }
                fixed += proven.map { AccessEntry(permissions: entry.permissions, scheme: $0.scheme, id: $0.id) }
            default: throw Refusal(code: .invalidACL)
            }
        }
        if fixed.isEmpty { throw Refusal(code: .invalidACL) }
        return fixed == AccessList.worldAnyoneAll.entries ? [] : fixed
    }
}
