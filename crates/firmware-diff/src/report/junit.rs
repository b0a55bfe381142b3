//! JUnit XML: a test case for each build. [JUnit, jenkins-junit.xsd]

use sev_launch_abi::text::xml;

use super::Report;

impl Report<'_> {
    /// The document. It has a failure for each build that is another one.
    pub fn junit(&self) -> String {
        let tests = self.builds.len();
        let failures =
            self.builds.iter().filter(|build| !build.reproduction.is_reproduced()).count();
        let counts = format!("tests=\"{tests}\" failures=\"{failures}\" errors=\"0\"");
        let mut document = format!(
            "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites name=\"firmware reproduce\" {counts}>\n  <testsuite name=\"{}\" {counts} skipped=\"0\">\n",
            xml(&self.first)
        );
        for build in &self.builds {
            let start =
                format!("    <testcase classname=\"firmware\" name=\"{}\"", xml(&build.file));
            if build.reproduction.is_reproduced() {
                document.push_str(&format!("{start}/>\n"));
                continue;
            }
            let rows = build.reproduction.tallied_refused();
            let lines: Vec<_> = rows
                .iter()
                .map(|(name, kind, count)| format!("{name}: {kind} ({count})"))
                .collect();
            document.push_str(&format!(
                "{start}>\n      <failure message=\"{}\">{}</failure>\n    </testcase>\n",
                xml(&build.comparison.statement()),
                xml(&lines.join("\n"))
            ));
        }
        document.push_str("  </testsuite>\n</testsuites>\n");
        document
    }
}
