import CoreTypes
import Jute
import ZooKeeperWire

/// Operations of a history as requests on the wire, and replies as results.
enum RequestCoding {
    /// Appends the body of a request.
    ///
    /// - Parameter paddingByteCount: of data, behind the number that it spells.
    static func append(
        _ actions: ArraySlice<Action>, isMulti: Bool, paths: PathTable, paddingByteCount: Int, mutant: Mutant?,
        to body: ByteBuilder
    ) -> OpCode {
        var last = OpCode.multi
        for action in actions {
            let operation = operation(of: action)
            if isMulti { MultiHeader(operation: operation, error: ErrorCode(rawValue: -1)).encode(into: body) }
            append(action, paths.text(of: action.path), paddingByteCount, mutant, to: body)
            if !isMulti { last = operation }
        }
        if isMulti { MultiHeader.end.encode(into: body) }
        return last
    }

    private static func operation(of action: Action) -> OpCode {
        switch action.kind {
        case .create: .create
        case .set: .setData
        case .delete: .delete
        case .check: .check
        case .get: .getData
        case .exists: .exists
        case .children: .getChildren2
        }
    }

    private static func append(
        _ action: Action, _ path: String, _ paddingByteCount: Int, _ mutant: Mutant?, to body: ByteBuilder
    ) {
        let version = mutant == .versionIgnored ? -1 : action.version
        switch action.kind {
        case .create:
            let isEphemeral = action.isEphemeral && mutant != .ephemeralPersistent
            let mode: CreateMode =
                switch (isEphemeral, action.isSequential) {
                case (false, false): .persistent
                case (true, false): .ephemeral
                case (false, true): .persistentSequential
                case (true, true): .ephemeralSequential
                }
            body.append(createRequest: path, data: data(action.content, paddingByteCount), mode: mode)
        case .set:
            body.append(setDataRequest: path, data: data(action.content, paddingByteCount), version: version)
        case .delete, .check: body.append(deleteRequest: path, version: version)
        case .get, .exists, .children: break
        }
    }

    private static func data(_ content: UInt64, _ paddingByteCount: Int) -> [UInt8] {
        (0..<8).map { UInt8(truncatingIfNeeded: content >> (8 * UInt64($0))) }
            + [UInt8](repeating: 0xA5, count: paddingByteCount)
    }

    /// The number that data spells.
    static func content(of data: [UInt8]?) -> UInt64 {
        (data ?? []).prefix(8).reversed().reduce(0) { $0 << 8 | UInt64($1) }
    }

    // MARK: Results

    /// The results of a write; nil if the body is not that of its reply.
    static func results(
        of actions: ArraySlice<Action>, isMulti: Bool, error: ErrorCode, body: RawSpan, paths: inout PathTable
    ) -> [ActionResult]? {
        if error != .ok { return actions.map { _ in ActionResult(error) } }
        var reader = JuteReader(body)
        var results: [ActionResult] = []
        do {
            for action in actions {
                var kind: OpCode?
                if isMulti { kind = try MultiHeader(from: &reader).operation }
                if kind == .error {
                    results.append(ActionResult(ErrorCode(rawValue: try reader.int32())))
                } else {
                    results.append(try result(of: action, &reader, &paths))
                }
            }
        } catch {
            return nil
        }
        return results
    }

    @_lifetime(reader: copy reader)
    private static func result(
        of action: Action, _ reader: inout JuteReader, _ paths: inout PathTable
    ) throws(JuteError) -> ActionResult {
        switch action.kind {
        case .create:
            var result = ActionResult()
            let name = String(decoding: [UInt8](copying: try reader.requiredString()), as: UTF8.self)
            guard name.hasPrefix("/") else { throw JuteError(.unreasonableLength(0), offset: reader.offset) }
            result.created = paths.number(of: name)
            return result
        case .set: return ActionResult(try Stat(from: &reader))
        case .delete, .check, .get, .exists, .children: return ActionResult()
        }
    }
}

extension ActionResult {
    /// What a stat shows.
    init(_ stat: Stat) {
        self.init()
        version = stat.version
        czxid = Zxid(rawValue: UInt64(bitPattern: stat.czxid))
        mzxid = Zxid(rawValue: UInt64(bitPattern: stat.mzxid))
        cversion = stat.cversion
        owner = SessionID(rawValue: UInt64(bitPattern: stat.ephemeralOwner))
        childCount = stat.numChildren
    }
}
