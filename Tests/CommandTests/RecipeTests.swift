import Foundation
import Testing

/// The recipe's own tests: what it takes for a right solution.
struct RecipeTests {
    @Test func equations() throws {
        let folder = AuthorTests.root + "/examples/reference-models"
        let run = try AuthorTests.shell(
            "python3 -m unittest test_equations 2>&1", in: folder, environment: ["PYTHONDONTWRITEBYTECODE": "1"])
        #expect(run.status == 0 && run.output.contains("Ran 3 tests"), "\(run.output)")
    }
}
