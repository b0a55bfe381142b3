//! README.md shows the example as it is; it is a test of its own.

#[test]
fn the_readme_shows_the_example() {
    let (readme, example) = (include_str!("../README.md"), include_str!("../examples/launch.rs"));
    let (_, main) = example.split_once("fn main()").expect("a function main");
    let (main, _) = main.split_once("\n#[cfg(test)]").expect("a test");
    assert!(readme.contains(main.trim_end()), "README.md: has not {main}");
}
