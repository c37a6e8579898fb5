import BackendContract
import LanguageModels
import ScriptedModel
import Testing

private let tree = """
    problem What is 2 + 2?
      Add them. | weight 3 value 0.8 name add
        It is 4, I think. | value 0.7
          #### 4 | end value 0.9
        #### 4 | end value 0.9
        Check it. | value 0.6 goto add
      Guess wildly at it. | weight 2 value 0.2
        #### 5 | end value 0.1
    """
private let problems = ["What is 2 + 2?", "Another problem"]
private let answers = [
    ["Add them.\n", "#### 4"], ["Guess wildly at it.\n", "#### 5"], ["Add them.\n", "It is 4, I think.\n", "#### 4"],
]

/// How a scripted model may go about its work.
private let manners: [String: ScriptedBehavior] = {
    var (slow, shuffled, far) = (ScriptedBehavior(), ScriptedBehavior(), ScriptedBehavior())
    (slow.delay, slow.tokensPerAdvance, slow.batchMax) = (1, 1, 4)
    (shuffled.shuffle, shuffled.batchMax) = (7, 3)
    far.latency = 0.002
    return ["plain": ScriptedBehavior(), "slow": slow, "shuffled": shuffled, "far": far]
}()

@Suite("The scripted model and verifier keep the contracts, and who breaks one is found out")
struct ScriptedContractTests {
    private func model(_ behavior: ScriptedBehavior, _ wakes: Wakes) throws -> ScriptedModel {
        try ScriptedModel(try Script(parsing: tree), behavior: behavior) { wakes.wake() }
    }

    private func verifier(_ behavior: ScriptedBehavior, _ wakes: Wakes) throws -> ScriptedVerifier {
        try ScriptedVerifier(try Script(parsing: tree), behavior: behavior) { wakes.wake() }
    }

    @Test(arguments: ModelContract.Clause.allCases, manners.keys.sorted())
    func theModelKeeps(_ clause: ModelContract.Clause, _ manner: String) throws {
        let behavior = try #require(manners[manner])
        let contract = ModelContract(problems: problems) { try model(behavior, $0) }
        #expect(try contract.violations(of: clause) == [])
    }

    @Test(arguments: VerifierContract.Clause.allCases, manners.keys.sorted())
    func theVerifierKeeps(_ clause: VerifierContract.Clause, _ manner: String) throws {
        let behavior = try #require(manners[manner])
        let contract = VerifierContract(problem: problems[0], answers: answers) { try verifier(behavior, $0) }
        #expect(try contract.violations(of: clause) == [])
    }

    /// The suite itself: a defect each, and the clause that must see it.
    @Test(arguments: BrokenModel.Defect.allCases) func aBrokenModelIsFoundOut(_ defect: BrokenModel.Defect) throws {
        let contract = ModelContract(problems: problems) { BrokenModel(try model(ScriptedBehavior(), $0), defect) }
        #expect(try !contract.violations(of: defect.clause).isEmpty)
    }

    @Test(arguments: BrokenVerifier.Defect.allCases) func aBrokenVerifierIsFoundOut(_ defect: BrokenVerifier.Defect)
        throws
    {
        let contract = VerifierContract(problem: problems[0], answers: answers) {
            BrokenVerifier(try verifier(ScriptedBehavior(), $0), defect)
        }
        #expect(try !contract.violations(of: defect.clause).isEmpty)
    }
}
