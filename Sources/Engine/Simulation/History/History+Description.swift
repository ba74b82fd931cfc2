import CoreTypes
import ZooKeeperWire

extension History {
    /// One line about an operation, for a person who looks for an error.
    package func describe(_ index: Int) -> String {
        let operation = operations[index]
        let actions = operation.actions.map { describe(action: $0, isAnswered: operation.outcome == .answered) }
        let body = operation.isMulti ? "multi(\(actions.joined(separator: "; ")))" : actions.joined()
        let end = operation.responded == .never ? "..." : "\(operation.responded.rawValue)"
        var text = "#\(index) [\(operation.invoked.rawValue), \(end)] client \(operation.client)"
        text += " session \(operation.session.rawValue) at replica \(operation.replica.rawValue): "
        text += (operation.isSynced ? "sync + " : "") + body
        switch operation.outcome {
        case .unknown: return text + ", outcome unknown"
        case .answered: return text + ", zxid \(operation.zxid.rawValue)"
        case .refused: return text + ", refused"
        }
    }

    private func describe(action index: Int, isAnswered: Bool) -> String {
        let action = actions[index]
        var text = "\(action.kind) \(paths.text(of: action.path))"
        if action.isSequential { text += " sequential" }
        if action.isEphemeral { text += " ephemeral" }
        if action.kind == .create || action.kind == .set { text += " content \(action.content)" }
        if action.version != -1 { text += " if version \(action.version)" }
        return isAnswered ? text + " -> " + describe(results[index], of: action.kind) : text
    }

    func describe(_ result: ActionResult, of kind: Action.Kind) -> String {
        guard result.error == .ok else { return "error \(result.error.rawValue)" }
        switch kind {
        case .create: return paths.text(of: result.created)
        case .delete, .check: return "ok"
        case .set: return "version \(result.version) mzxid \(result.mzxid.rawValue)"
        case .children: return "\(result.childCount) children, cversion \(result.cversion)"
        case .get, .exists:
            let content = kind == .get ? "content \(result.content) " : ""
            let owner = result.owner == .none ? "" : " owner \(result.owner.rawValue)"
            return content + "version \(result.version) czxid \(result.czxid.rawValue) "
                + "mzxid \(result.mzxid.rawValue) cversion \(result.cversion)" + owner
        }
    }
}
