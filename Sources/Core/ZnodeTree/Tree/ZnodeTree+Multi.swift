internal import CoreTypes
internal import Jute
internal import ZooKeeperWire

/// Several operations as one: all take effect under one zxid, or none does.
extension ZnodeTree {
    /// Executes a multi. A failure of an operation is its result, not that of the multi: the reply header says OK, and
    /// the body has an error for every operation (zookeeper.md §1.8).
    func multi(_ body: RawSpan, context: borrowing CommandContext, output: ApplyOutput) throws(TreeFailure) {
        let count = try countOperations(body)
        beginUndo(output)
        let results = ByteBuilder()
        var failed: (index: Int, error: ErrorCode)?
        var reader = JuteReader(body)
        for index in 0..<count {
            do throws(TreeFailure) {
                try executeOperation(&reader, results: results, context: context, output: output)
            } catch {
                guard case .refused(let code) = error else {
                    rollBack(output)
                    throw error
                }
                failed = (index, code)
                break
            }
        }
        if let failed {
            rollBack(output)
            output.beginBody()
            appendErrors(count: count, failed: failed.index, failed.error, to: output.bytes)
        } else {
            commitUndo()
            output.beginBody()
            output.bytes.append(results.bytes)
        }
        MultiHeader.end.encode(into: output.bytes)
    }

    /// Goes through all operations first, so that a malformed one is noticed before anything is done.
    private func countOperations(_ body: RawSpan) throws(TreeFailure) -> Int {
        var reader = JuteReader(body)
        var count = 0
        do throws(JuteError) {
            while true {
                let header = try MultiHeader(from: &reader)
                if header.isDone { return count }
                count += 1
                guard count <= Limits.multiOperationCountMax else { throw JuteError(.unreasonableCount(0), offset: 0) }
                switch header.operation {
                case .create, .create2, .createContainer: _ = try CreateRequest(from: &reader, hasTTL: false)
                case .createTTL: _ = try CreateRequest(from: &reader, hasTTL: true)
                case .delete: _ = try DeleteRequest(from: &reader)
                case .setData: _ = try SetDataRequest(from: &reader)
                case .check: _ = try PathNumberRequest(from: &reader)
                default: throw JuteError(.unreasonableCount(header.operation.rawValue), offset: reader.offset)
                }
            }
        } catch {
            throw .refused(.marshallingError)
        }
    }

    @_lifetime(reader: copy reader)
    private func executeOperation(
        _ reader: inout JuteReader, results: ByteBuilder, context: borrowing CommandContext, output: ApplyOutput
    ) throws(TreeFailure) {
        do {
            let operation = try MultiHeader(from: &reader).operation
            var resultKind = operation
            switch operation {
            case .create, .create2, .createContainer, .createTTL:
                let request = try CreateRequest(from: &reader, hasTTL: operation == .createTTL)
                try create(request, kind: operation, context: context, output: output)
                if operation != .create { resultKind = .create2 }
            case .delete: try delete(try DeleteRequest(from: &reader), context: context, output: output)
            case .setData: try setData(try SetDataRequest(from: &reader), context: context, output: output)
            case .check:
                let request = try PathNumberRequest(from: &reader)
                try checkVersion(at: request.path, request.number, context: context)
                output.beginBody()
            default: throw TreeFailure.refused(.marshallingError)
            }
            MultiHeader(operation: resultKind, error: .ok).encode(into: results)
            output.moveBody(to: results)
        } catch let failure as TreeFailure {
            throw failure
        } catch {
            throw .refused(.marshallingError)
        }
    }

    /// What precedes the failed operation was undone (0), what follows was not tried (-2).
    private func appendErrors(count: Int, failed: Int, _ error: ErrorCode, to bytes: ByteBuilder) {
        for index in 0..<count {
            let code = index < failed ? ErrorCode.ok : index == failed ? error : .runtimeInconsistency
            MultiHeader(operation: .error, error: code).encode(into: bytes)
            bytes.append(bigEndian: code.rawValue)
        }
    }
}
