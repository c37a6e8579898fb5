import Foundation
import SearchCore
import Testing

/// The list has what can be run, and a name is judged there as a search judges it.
@Suite(.timeLimit(.minutes(5))) struct ModelNameTests {
    private static func path(_ name: String) -> String {
        "/v1/models/" + (name.addingPercentEncoding(withAllowedCharacters: .alphanumerics) ?? name)
    }

    /// The bundle has a policy and a prm.
    @Test func whatLacksItsModelsIsNotListed() async throws {
        try await TestServer.run { (server: TestServer) async throws in
            let list = try await server.get("/v1/models").json["data"]?.array?.compactMap { $0["id"]?.string } ?? []
            #expect(list.contains("best-of-n@16") && list.contains("stratagem"))
            for name in ["mixture", "speculative-search"] {
                #expect(!list.contains("\(name)@16"))
                let reply = try await server.chat("\(name)@4")
                #expect(reply.status == 400 && reply.error.code == "no_model", "\(reply.text)")
                // Refused before it was let in: there is no run.
                #expect(reply.json["stratagem"] == nil)
                #expect(try await server.get("/v1/runs").json["data"]?.array?.isEmpty == true)
            }
            // Roles that the bundle has.
            #expect(try await server.chat("mixture:second=policy@4").status == 200)
            // All that is listed can be asked for by the name that is listed.
            for name in list { #expect(try await server.get(Self.path(name)).status == 200, "\(name)") }
        }
    }

    @Test func aNameIsRefusedAsASearchRefusesIt() async throws {
        try await TestServer.run { (server: TestServer) async throws in
            for (name, status) in [
                ("best-of-m@16", 404), ("best-of-m", 404), ("best-of-n@0", 400), ("best-of-n@", 400),
                ("best-of-n@-3", 400), ("best-of-n@1e9", 400), ("best-of-n@1000000000", 400),
                ("best-of-n@4+hours=2", 400), ("best-of-n:n=0@4", 400), ("best-of-n:n=@4", 400),
                ("best-of-n:selektion=naive@4", 400), ("best-of-n:selection=naiv@4", 400), ("best-of-n:@4", 400),
                ("beam-search:beam_width=99999999999999999999@4", 400), ("mixture@4", 400),
                ("compute-optimal:table=/etc/passwd@4", 400), ("a/b@4", 404), ("/etc/passwd", 404), ("é@4", 404),
                (String(repeating: "x", count: 5000), 404), ("%zz", 404),
            ] {
                let (asked, searched) = (try await server.get(Self.path(name)), try await server.chat(name))
                #expect(asked.status == status && asked.error.code != nil, "\(name.prefix(60)): \(asked.text)")
                #expect(
                    asked.status == searched.status && asked.text == searched.text,
                    "\(name.prefix(60)): \(searched.text)")
            }
            #expect(try await server.get("/v1/models/best-of-m@16").text.contains("best-of-n"))
            // As a browser's address has it.
            let plain = try await server.get("/v1/models/etc/passwd")
            #expect(plain.status == 404 && plain.error.code == "model_not_found", "\(plain.text)")
            for name in ["best-of-n@4", "stratagem", "stratagem@4", "best-of-n:selection=naive@4+seconds=2"] {
                let reply = try await server.get(Self.path(name))
                #expect(reply.status == 200 && reply.json["id"]?.string == name, "\(reply.text)")
            }
        }
    }
}
