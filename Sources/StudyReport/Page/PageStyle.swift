/// How the page looks: light, dark where the reader's system is, and on paper.
enum PageStyle {
    static let css = """
        :root { color-scheme: light dark; \(variables { $0.light }); --faint: #5c626b; --held: #00694a; --failed: #b3261e; --panel: #f5f6f8 }
        body { margin: 0 auto; max-width: 980px; padding: 0 20px 40px; font: 15px/1.55 system-ui, 'Segoe UI', 'DejaVu Sans', sans-serif; background: var(--page); color: var(--text) }
        h1 { font-size: 26px; margin: 28px 0 4px } h2 { font-size: 19px; margin: 0 0 6px } p { margin: 6px 0; max-width: 78ch }
        a { color: var(--best-of-n) } header dl { display: grid; grid-template-columns: repeat(auto-fill, minmax(280px, 1fr)); gap: 2px 20px; margin: 12px 0; font-size: 13px }
        dl div { display: flex; gap: 8px } dt { color: var(--faint); min-width: 64px; flex-shrink: 0 } dd { margin: 0; overflow-wrap: anywhere }
        nav { font-size: 13px; border-top: 1px solid var(--grid); border-bottom: 1px solid var(--grid) } nav ol { columns: 2; margin: 8px 0; padding-left: 22px }
        section { margin: 36px 0; scroll-margin-top: 12px } figure { margin: 10px 0 } .scroll { overflow-x: auto }
        figure svg { display: block; width: 100%; min-width: 640px; height: auto }
        .warning { border-left: 4px solid var(--majority); padding: 6px 12px; background: var(--panel) }
        .note, .missing { color: var(--faint); font-size: 13px } nav .missing { font-size: inherit }
        ul { margin: 8px 0; padding-left: 20px; max-width: 84ch } li { margin: 2px 0 }
        table { border-collapse: collapse; font-size: 12.5px; font-variant-numeric: tabular-nums } caption { text-align: left; color: var(--faint); padding: 6px 0 }
        th, td { text-align: left; vertical-align: top; padding: 4px 12px 4px 0; border-bottom: 1px solid var(--grid) } th { font-weight: 600 }
        details { margin: 8px 0 } summary { cursor: pointer; color: var(--faint); font-size: 13px } details table td { white-space: nowrap }
        .findings td, .findings th { font-size: 13px } .findings th[scope=row] { min-width: 150px } .why { color: var(--faint) }
        .held { color: var(--held); font-weight: 600 } .failed { color: var(--failed); font-weight: 600 } .open, .unknown { color: var(--faint) }
        footer { color: var(--faint); font-size: 12px; border-top: 1px solid var(--grid) }
        \(Drawing.rules("figure svg ") { "var(--\($0.rawValue))" })
        @media screen and (prefers-color-scheme: dark) {
        :root { \(variables { $0.dark }); --faint: #9aa1ab; --held: #4fd1a5; --failed: #ff8a80; --panel: #22252c }
        }
        @media (max-width: 640px) { nav ol { columns: 1 } }
        @media print {
        :root { color-scheme: light } body { max-width: none; font-size: 11px; padding: 0 } nav { display: none } h2 { break-after: avoid } figure, tr { break-inside: avoid } main section:not(#findings) { break-before: page }
        .scroll { overflow: visible } figure svg { min-width: 0 } details::details-content { content-visibility: visible; block-size: auto; opacity: 1 }
        table, .findings td, .findings th { font-size: 8.5px } details table td { white-space: normal } a { color: inherit; text-decoration: none }
        }

        """

    private static func variables(_ colour: (Ink) -> String) -> String {
        Ink.allCases.map { "--\($0.rawValue): \(colour($0))" }.joined(separator: "; ")
    }
}
