//! What README.md tells its reader to type, for tests that do.

/// The lines of every block of shell below the heading `## section` of that text, but for the one that builds the programs.
///
/// # Panics
///
/// There is no such section, or not one line that builds.
#[must_use]
pub fn commands(readme: &str, section: &str) -> String {
    let Some((_, text)) = readme.split_once(&format!("\n## {section}\n")) else {
        panic!("there is no section {section:?}");
    };
    let text = text.split("\n## ").next().unwrap_or_default();
    let blocks = text.split("```sh\n").skip(1);
    let lines = blocks.flat_map(|block| block.split("```").next().unwrap_or_default().lines());
    let (built, rest): (Vec<&str>, Vec<&str>) =
        lines.partition(|line| line.starts_with("cargo build "));
    assert_eq!(built.len(), 1, "one line of {section:?} builds: {built:?}");
    rest.join("\n") + "\n"
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_blocks_of_one_section_are_joined() {
        let text = "# a\n\n## b\n```sh\nother\n```\n\n## c\nText.\n```sh\ncargo build -p x\none\n```\n\
                    ```console\n$ no\n```\nAnd:\n```sh\ntwo\nthree\n```\n## d\n```sh\nother\n```\n";
        assert_eq!(commands(text, "c"), "one\ntwo\nthree\n");
    }
}
