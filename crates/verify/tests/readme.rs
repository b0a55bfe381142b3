//! README.md shows the examples as they are; they are tests of their own.

#[test]
fn the_readme_shows_the_examples() {
    let readme = include_str!("../README.md");
    for example in
        [include_str!("../examples/accept_report.rs"), include_str!("../examples/sev_es_secret.rs")]
    {
        let (_, main) = example.split_once("fn main()").expect("a function main");
        let (main, _) = main.split_once("\n#[test]").expect("a test");
        assert!(readme.contains(main.trim_end()), "README.md: has not {main}");
    }
}
