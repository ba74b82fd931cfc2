import NIOCore

/// The connections of a server, and how many each address has.
struct ConnectionList {
    private(set) var all: [ClientConnection] = []
    private var countByAddress: [[UInt8]: Int] = [:]

    var count: Int { all.count }

    /// How many connections an address has.
    func count(of address: [UInt8]) -> Int { countByAddress[address] ?? 0 }

    mutating func add(_ connection: ClientConnection) {
        connection.listIndex = all.count
        all.append(connection)
        countByAddress[connection.identities.address, default: 0] += 1
    }

    /// - Returns: false if it was not in the list.
    mutating func remove(_ connection: ClientConnection) -> Bool {
        let index = connection.listIndex
        guard index < all.count, all[index] === connection else { return false }
        all.swapAt(index, all.count - 1)
        all[index].listIndex = index
        all.removeLast()
        let address = connection.identities.address
        let left = (countByAddress[address] ?? 1) - 1
        countByAddress[address] = left == 0 ? nil : left
        return true
    }
}
