import CoreTypes
import ReplicaEngine
import ZnodeTree
import ZooKeeperWire

/// Reads what a replica holds, as its server would.
enum LocalRead {
    /// Nil if the store could not be read.
    static func result(of action: Action, in engine: ReplicaEngine, paths: inout PathTable) -> ActionResult? {
        let text = paths.text(of: action.path)
        let path = Array(text.utf8)
        do throws(TreeFailure) {
            switch action.kind {
            case .get:
                let (data, stat) = try engine.read { tree throws(TreeFailure) in
                    unsafe try tree.node(path.span.bytes, identities: RawSpan())
                }
                var result = ActionResult(stat)
                result.content = RequestCoding.content(of: data)
                return result
            case .exists:
                return ActionResult(
                    try engine.read { tree throws(TreeFailure) in
                        unsafe try tree.stat(path.span.bytes, identities: RawSpan())
                    })
            case .children: return try children(of: text, path, in: engine, paths: &paths)
            case .create, .set, .delete, .check: return nil
            }
        } catch {
            guard case .refused(let code) = error else { return nil }
            return ActionResult(code)
        }
    }

    private static func children(
        of text: String, _ path: [UInt8], in engine: ReplicaEngine, paths: inout PathTable
    ) throws(TreeFailure) -> ActionResult {
        var names: [String] = []
        let stat = try engine.read { tree throws(TreeFailure) in
            unsafe try tree.forEachChild(of: path.span.bytes, identities: RawSpan(), after: []) { child in
                names.append(String(decoding: [UInt8](copying: child.name), as: UTF8.self))
                return true
            }
        }
        var result = ActionResult(stat)
        let prefix = text == "/" ? "/" : text + "/"
        for name in names {
            let child = paths.number(of: prefix + name)
            result.childrenDigest &+= paths.digest(of: child)
        }
        result.childCount = Int32(names.count)
        return result
    }
}
