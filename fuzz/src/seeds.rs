//! Writes seeds: `seeds NAME FOLDER`, or `seeds` alone to list the targets.

use std::env;
use std::fs;
use std::path::Path;

use sev_launch_fuzz::{TARGETS, Target};

fn main() {
    let arguments: Vec<String> = env::args().skip(1).collect();
    match arguments.as_slice() {
        [] => {
            for target in TARGETS {
                println!("{}", target.name);
            }
        }
        [name, folder] => {
            fs::create_dir_all(folder).expect("a folder for the seeds");
            for (number, seed) in (Target::named(name).seeds)().iter().enumerate() {
                let path = Path::new(folder).join(format!("seed-{number:03}"));
                fs::write(path, seed).expect("a seed");
            }
        }
        _ => panic!("seeds [NAME FOLDER]"),
    }
}
