//! The README shows the example that the crate's page shows and runs.

#[test]
fn the_readme_shows_the_example() {
    let example = include_str!("../examples/digest.rs");
    let (_, code) = example.split_once("\n\n").expect("a line of documentation");
    assert!(include_str!("../README.md").contains(code));
}
