//! What libFuzzer says of its progress, in lines such as
//! `#4096  NEW    cov: 123 ft: 456 corp: 7/89b lim: 64 exec/s: 1024 rss: 30Mb L: 12/40 MS: 1 EraseBytes-`.

/// How far a target came, over all of its rounds.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Progress {
    /// Runs of the target.
    pub(super) runs: u64,
    /// The edges of code that were reached after so many runs, each time that they became more.
    edges: Vec<(u64, u64)>,
}

impl Progress {
    /// Adds what libFuzzer said in a round.
    pub(super) fn add(&mut self, text: &str) {
        let before = self.runs;
        for line in text.lines() {
            let Some((run, rest)) = line.strip_prefix('#').and_then(|line| line.split_once('\t'))
            else {
                continue;
            };
            let Ok(run) = run.parse::<u64>() else { continue };
            self.runs = self.runs.max(before + run);
            let after = rest.split_once("cov: ").map(|(_, after)| after.split(' '));
            let edges = after.and_then(|mut words| words.next()?.parse().ok());
            if let Some(edges) = edges.filter(|edges| *edges > self.edges()) {
                self.edges.push((before + run, edges));
            }
        }
    }

    /// The edges that were reached in all.
    pub(super) fn edges(&self) -> u64 {
        self.edges.last().map_or(0, |(_, edges)| *edges)
    }

    /// Those that were first reached in the last third of the runs.
    pub(super) fn new_in_last_third(&self) -> u64 {
        let begin = self.runs - self.runs / 3;
        let before = self.edges.iter().rev().find(|(run, _)| *run <= begin);
        self.edges() - before.map_or(0, |(_, edges)| *edges)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    // What libFuzzer of LLVM 17 printed, shortened.
    const FIRST: &str = "\
INFO: Loaded 1 modules   (5340 inline 8-bit counters): 5340 [0x55, 0x56),
#4\tINITED cov: 100 ft: 130 corp: 2/8b exec/s: 0 rss: 30Mb
#20\tNEW    cov: 110 ft: 141 corp: 3/9b lim: 4 exec/s: 0 rss: 30Mb L: 1/4 MS: 1 EraseBytes-
#60\tREDUCE cov: 110 ft: 141 corp: 3/8b lim: 4 exec/s: 0 rss: 30Mb L: 1/4 MS: 1 EraseBytes-
#100\tDONE   cov: 110 ft: 141 corp: 3/8b lim: 4 exec/s: 50 rss: 30Mb
Done 100 runs in 2 second(s)
";

    #[test]
    fn rounds_are_added() {
        let mut progress = Progress::default();
        progress.add(FIRST);
        assert_eq!((progress.runs, progress.edges()), (100, 110));
        assert_eq!(progress.new_in_last_third(), 0);
        progress
            .add("#3\tINITED cov: 110 ft: 9\n#150\tNEW    cov: 112 ft: 9\n#200\tDONE   cov: 112\n");
        assert_eq!((progress.runs, progress.edges()), (300, 112));
        // Of 300 runs the last third begins after 200; run 250 reached two more.
        assert_eq!(progress.new_in_last_third(), 2);
        assert_eq!(Progress::default().new_in_last_third(), 0);
    }
}
