use std::process::Command;

/// The plugin keeps the contract of stratagem.h: all that `stratagem check` can see.
#[test]
fn keeps_the_contract() {
    let tests = std::env::current_exe().expect("this test is a file");
    // target/debug/deps/check-….: the library lies in the folder above.
    let plugin = tests.parent().and_then(|deps| deps.parent()).expect("it lies in target").join("libmy_search.so");
    // Set STRATAGEM if the program is not in the PATH.
    let program = std::env::var("STRATAGEM").unwrap_or_else(|_| "stratagem".into());
    let status = Command::new(program).arg("check").arg(plugin).args(["--level", "10"]).status();
    assert!(status.expect("stratagem must be in the PATH").success());
}
