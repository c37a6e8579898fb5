extension Bundle {
    /// The prompt that a verifier is shown. One whose template has no place for earlier attempts is not shown any.
    /// Without a template of its own, an outcome verifier reads what the policy reads, including attempts, and a step
    /// verifier reads only the problem, as it was trained.
    public func verifierTemplate(of model: Model) -> PromptTemplate {
        if model.template == nil, model.kind == .orm { return prompt }
        let text = model.template ?? prompt.problem
        return PromptTemplate(problem: text.replacing("{attempts}", with: ""), revise: text, attempt: prompt.attempt)
    }
}
