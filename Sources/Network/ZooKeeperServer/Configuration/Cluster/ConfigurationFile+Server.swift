/// Where clients are served may stand in two places.
extension ConfigurationFile {
    /// What is wrong when this server's own entry says something else than `clientPort` or `clientPortAddress`; nil if
    /// nothing is.
    package func conflict(with own: ServerEntry) -> ConfigurationNote? {
        if let port = own.clientPort, clientPortLine > 0, port != server.clientPort {
            return note(clientPortLine, "clientPort is \(server.clientPort), and \(own.name) says \(port)")
        }
        if let address = own.clientAddress, clientAddressLine > 0, address != server.clientAddress {
            return note(
                clientAddressLine, "clientPortAddress is \(server.clientAddress), and \(own.name) says \(address)")
        }
        return nil
    }

    private func note(_ line: Int, _ text: String) -> ConfigurationNote {
        ConfigurationNote(file: file, line: line, text: "\(text): say it once, or the same")
    }
}
