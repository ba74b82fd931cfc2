internal import Clustering
internal import Consensus
internal import CoreTypes
internal import PeerTransport
internal import ReplicaEngine

extension ClusterConfiguration {
    /// Says what cannot be. Looks nothing up.
    ///
    /// - Throws: `badArguments`.
    func check() throws(AviaryError) {
        if let problem = problemOfMembers ?? problemOfPlaces ?? problemOfSecret {
            throw AviaryError(.badArguments, "the cluster's configuration: \(problem)")
        }
    }

    private var problemOfMembers: String? {
        let numbers = members.map(\.number).sorted()
        if members.count < 2 {
            return "a cluster has at least two members: name them, or leave the cluster out for a store that is alone"
        }
        if members.count > Membership.memberCountMax {
            return "\(members.count) members are named, and a cluster has at most \(Membership.memberCountMax)"
        }
        if let number = numbers.first(where: { !(1...Limits.replicaNumberMax).contains($0) }) {
            return "a member's number is from 1 to \(Limits.replicaNumberMax), not \(number)"
        }
        if let (number, _) = zip(numbers, numbers.dropFirst()).first(where: { $0 == $1 }) {
            return "two members have the number \(number): give each its own"
        }
        if members.allSatisfy(\.isObserver) { return "every member is an observer, and somebody must vote" }
        if !numbers.contains(replica) {
            return "this store is to be replica \(replica), and the members are \(text(numbers)): name it among them"
        }
        return nil
    }

    private var problemOfPlaces: String? {
        guard case .network = transport else { return nil }
        for (index, member) in members.enumerated() {
            if member.host.isEmpty { return "member \(member.number) has no host: name the one that it is reached by" }
            if !(1...65_535).contains(member.peerPort) {
                return "member \(member.number) has the peer port \(member.peerPort): it is from 1 to 65535"
            }
            let earlier = members[..<index]
            if let other = earlier.first(where: { $0.host == member.host && $0.peerPort == member.peerPort }) {
                return "members \(other.number) and \(member.number) are both at \(member.host):\(member.peerPort): "
                    + "give each its own place"
            }
        }
        return nil
    }

    private var problemOfSecret: String? {
        guard case .network = transport else { return nil }
        let bounds = Limits.peerSecretByteCountMin...Limits.peerSecretByteCountMax
        if let secret {
            if bounds.contains(secret.bytes.count) { return nil }
            return "the secret has \(secret.bytes.count) bytes: give it \(bounds.lowerBound) to \(bounds.upperBound)"
        }
        guard let open = members.first(where: { !$0.address.isLoopback }) else { return nil }
        return "member \(open.number) is reached over a network (\(open.host)), so the replicas must share a secret: "
            + "give all the same \(bounds.lowerBound) random bytes or more"
    }

    private func text(_ numbers: [Int]) -> String { numbers.map { "\($0)" }.joined(separator: ", ") }
}

extension ClusterConfiguration {
    /// The members, for the engine.
    ///
    /// - Throws: `badArguments`; not after `check`.
    func configuredMembers() throws(AviaryError) -> ConfiguredMembers {
        let made = ConfiguredMembers(
            voters: members.filter { !$0.isObserver }.map(\.id), observers: members.filter(\.isObserver).map(\.id))
        guard let made else { throw AviaryError(.badArguments, "the members can be no cluster") }
        return made
    }

    /// The number of this replica, for the engine.
    var ownID: ReplicaID { ReplicaID(rawValue: UInt8(clamping: replica)) }

    /// Members by number and place, for messages.
    func names(of replicas: [ReplicaID]) -> String {
        replicas.map { replica in
            guard case .network = transport, let member = members.first(where: { $0.id == replica }) else {
                return "\(replica.rawValue)"
            }
            return "\(replica.rawValue) (\(member.address))"
        }.joined(separator: ", ")
    }
}

extension ClusterConfiguration.Member {
    var id: ReplicaID { ReplicaID(rawValue: UInt8(clamping: number)) }

    var address: PeerAddress { PeerAddress(host: host, port: peerPort) }
}
