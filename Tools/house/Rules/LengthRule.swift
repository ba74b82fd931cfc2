/// Files of at most 500 lines, functions of at most 70.
enum LengthRule {
    static let fileLineCountMax = 500
    static let functionLineCountMax = 70

    static func check(
        _ sources: [SwiftSource], others files: [SourceFile], exceptions: [LengthException]
    ) -> [Finding] {
        var findings: [Finding] = []
        var used: Set<Int> = []
        func judge(_ path: String, _ function: String?, line: Int, count: Int, max: Int) {
            let index = exceptions.firstIndex { $0.path == path && $0.function == function }
            let what = function.map { "function \($0)" } ?? "file"
            if let index {
                used.insert(index)
                let granted = exceptions[index].lineCount
                if count <= max || count < granted {
                    let advice = "\(what) has \(count) lines now: lower or remove its entry in LengthException.swift"
                    findings.append(Finding(path: path, line: line, rule: "length-exception", advice: advice))
                }
                if count <= granted { return }
            }
            guard count > max else { return }
            let rule = function == nil ? "file-length" : "function-length"
            let advice = "\(what) has \(count) lines, at most \(max): split it by what it is responsible for"
            findings.append(Finding(path: path, line: line, rule: rule, advice: advice))
        }
        for file in files where file.isSwift || file.isPython || file.isC {
            judge(file.path, nil, line: 1, count: file.lineCount, max: fileLineCountMax)
        }
        for source in sources {
            for function in Function.all(in: source) {
                judge(
                    source.file.path, function.name, line: function.line, count: function.lineCount,
                    max: functionLineCountMax)
            }
        }
        for file in files where file.isPython {
            for function in Function.all(inPython: file) {
                judge(
                    file.path, function.name, line: function.line, count: function.lineCount, max: functionLineCountMax)
            }
        }
        for (index, exception) in exceptions.enumerated() where !used.contains(index) {
            let advice = "nothing here is called that any more: remove its entry in LengthException.swift"
            findings.append(Finding(path: exception.path, line: 1, rule: "length-exception", advice: advice))
        }
        return findings
    }
}
